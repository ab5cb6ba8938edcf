/** Bands over time, and a clock to drag: everything is here already, so the kernel need not answer. */
const WORDS = { signing: "signs", published: "published only", unpublished: "signs, not published", ds: "vouched for", dark: "no answer" };

function render({ model, el }) {
  el.classList.add("dl-app", "dl-timeline");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", "Rollover timeline");
  keepKeys(el);
  const begins = model.get("begins"), ends = model.get("ends"), moments = model.get("moments");
  const share = (at) => `${(100 * (at - begins)) / (ends - begins)}%`;

  const controls = add(el, "label", "dl-clock-row");
  add(controls, "span", "dl-clock-name").textContent = "Clock";
  const clock = add(controls, "input", "dl-clock-input");
  Object.assign(clock, { type: "range", min: begins, max: ends, step: 300, value: 0 });
  const time = add(controls, "span", "dl-clock-time");
  time.setAttribute("aria-hidden", "true"); // the slider says it itself

  const chart = add(el, "div", "dl-chart");
  chart.setAttribute("aria-hidden", "true"); // the sentences below say the same
  const axis = add(chart, "div", "dl-lane dl-axis");
  add(axis, "span", "dl-lane-name");
  const scale = add(axis, "div", "dl-lane-bands");
  for (const [at, text] of model.get("ticks")) {
    const tick = add(scale, "span", "dl-tick");
    tick.textContent = text;
    tick.style.left = share(at);
  }
  let group = "";
  for (const [name, label, bands] of model.get("rows")) {
    if (name !== group) add(chart, "div", "dl-lanes").textContent = group = name;
    const lane = add(chart, "div", `dl-lane${name === "Resolvers" ? " dl-thin" : ""}`);
    add(lane, "span", "dl-lane-name").textContent = label;
    const line = add(lane, "div", "dl-lane-bands");
    for (const [from, until, kind] of bands) {
      const band = add(line, "span", `dl-band dl-${kind}`);
      band.style.left = share(from);
      band.style.width = `calc(${share(until)} - ${share(from)})`;
      band.title = WORDS[kind];
      if (kind !== "dark") band.textContent = WORDS[kind];
    }
  }
  const over = add(chart, "div", "dl-over");
  const steps = model.get("steps");
  steps.forEach(([at], index) => {
    const mark = add(over, "span", "dl-mark");
    mark.style.left = share(at);
    if (steps[index + 1]?.[0] !== at) add(mark, "span", "dl-mark-name").textContent = `${index + 1}`;
  });
  const now = add(over, "span", "dl-now");

  const list = add(el, "ol", "dl-steps");
  for (const [, step] of steps) add(list, "li", "dl-step").textContent = step;
  const said = add(el, "div", "dl-said");
  said.setAttribute("role", "status");

  function show() {
    const at = Number(clock.value);
    now.style.left = share(at);
    time.textContent = written(at);
    clock.setAttribute("aria-valuetext", written(at));
    const last = moments.findLast(([from]) => from <= at) ?? moments[0];
    said.replaceChildren(...last[1].map((sentence) => Object.assign(document.createElement("div"), { textContent: sentence })));
    [...list.children].forEach((step, index) => step.classList.toggle("dl-done", steps[index][0] <= at));
  }
  clock.addEventListener("input", show);
  show();
}
function written(at) {
  const minutes = Math.floor(Math.abs(at) / 60);
  return `${at < 0 ? "-" : "+"}${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
export default { render };
