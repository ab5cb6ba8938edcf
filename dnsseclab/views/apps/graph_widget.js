/**
 * The graph: SVG in, chosen box out. It also does for the theatre around it what ipywidgets leaves undone:
 * roles and names for its regions, keys that JupyterLab would swallow, a live region that lasts.
 */
const REGIONS = {
  ".dl-act": "Predict and attack",
  ".dl-setup": "Set-up",
  ".dl-panel-chain": "Chain of trust",
  ".dl-panel-story": "Packet story",
  ".dl-panel-cache": "Resolver's cache",
};
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function render({ model, el, signal }) {
  el.classList.add("dl-graph");
  const picture = el.appendChild(document.createElement("div"));
  picture.className = "dl-graph-picture";
  const live = el.appendChild(document.createElement("div"));
  live.className = "dl-sr";
  live.setAttribute("role", "status");

  const boxes = () => [...picture.querySelectorAll("[data-item]")];
  const boxOf = (event) => event.target.closest("[data-item]");
  const isChosen = (box) => box.dataset.item === model.get("chosen");

  function draw() {
    const hadFocus = picture.contains(document.activeElement);
    picture.innerHTML = model.get("svg");
    picture.querySelector("svg")?.setAttribute("role", "group"); // as an image it would hide its boxes
    mark();
    if (hadFocus) (boxes().find(isChosen) ?? boxes()[0])?.focus();
  }
  function mark() {
    const stop = boxes().find(isChosen) ?? boxes()[0]; // the graph is one Tab stop
    for (const box of boxes()) {
      box.setAttribute("role", "button");
      box.setAttribute("aria-pressed", String(isChosen(box)));
      box.setAttribute("tabindex", box === stop ? "0" : "-1");
    }
  }
  function choose(box) {
    if (!box) return;
    model.set("chosen", box.dataset.item);
    model.save_changes();
    mark();
  }
  picture.addEventListener("click", (event) => choose(boxOf(event)));
  picture.addEventListener("keydown", (event) => {
    const all = boxes();
    const here = all.indexOf(boxOf(event));
    const next = all[here + STEPS[event.key]];
    if (event.key === "Enter" || event.key === " ") choose(all[here]);
    else if (next) next.focus();
    else if (!(event.key in STEPS)) return;
    event.preventDefault();
    event.stopPropagation();
  });

  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  model.set("reduced_motion", stillness.matches);
  model.save_changes();

  model.on("change:svg", draw);
  model.on("change:chosen", mark);
  model.on("change:said", () => { live.textContent = model.get("said"); });
  draw();

  // ipywidgets puts the views together later: wait until the theatre around this one is there
  const wait = setInterval(() => {
    const root = el.closest(".dl-theatre");
    if (!root) return;
    clearInterval(wait);
    const busy = () => root.setAttribute("aria-busy", String(model.get("busy")));
    model.on("change:busy", busy);
    busy();
    keepKeys(root);
    nameRegions(root);
    const observer = new MutationObserver(() => nameRegions(root));
    observer.observe(root, { childList: true, subtree: true });
    signal?.addEventListener("abort", () => observer.disconnect());
  }, 20);
  return () => clearInterval(wait);
}

function nameRegions(root) {
  name(root, "region", "Attack theatre");
  for (const [selector, label] of Object.entries(REGIONS)) root.querySelectorAll(selector).forEach((box) => name(box, "group", label));
}
function name(box, role, label) {
  box.setAttribute("role", role);
  box.setAttribute("aria-label", label);
}
export default { render };
