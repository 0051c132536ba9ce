import io
import unittest

from django.conf import settings
from django.core.management import call_command
from django.db import connections


class SettingsTest(unittest.TestCase):
    def test_djangos_own_checks_find_nothing(self):
        call_command("check", deploy=True, fail_level="WARNING", stdout=io.StringIO(), stderr=io.StringIO())

    def test_debugging_is_off_and_there_is_no_database(self):
        self.assertFalse(settings.DEBUG)
        self.assertEqual(connections["default"].vendor, "unknown")
