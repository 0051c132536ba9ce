// node ask-until-told.mjs URL: asks one time after the other until standard input ends, then prints what came back as JSON.
const [url = ''] = process.argv.slice(2);
const failures = [];
const instances = new Set();
let asked = 0;
let isOver = false;
process.stdin.on('end', () => {
  isOver = true;
});
process.stdin.resume();
while (!isOver) {
  asked += 1;
  try {
    const answer = await fetch(url);
    const { instance } = await answer.json();
    if (answer.status === 200 && instance !== undefined) instances.add(instance);
    else failures.push(`${answer.status} ${instance}`);
  } catch (thrown) {
    failures.push(String(thrown));
  }
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.stdout.write(JSON.stringify({ failures, instances: [...instances].sort(), asked }));
