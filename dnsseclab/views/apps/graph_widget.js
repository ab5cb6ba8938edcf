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

function render({ model, el, signal }) {
  el.classList.add("dl-graph");
  const picture = el.appendChild(document.createElement("div"));
  picture.className = "dl-graph-picture";
  const live = el.appendChild(document.createElement("div"));
  live.className = "dl-sr";
  live.setAttribute("role", "status");

  const { draw, mark } = boxesIn(picture, () => model.get("chosen"), (item) => {
    model.set("chosen", item);
    model.save_changes();
  });

  const stillness = matchMedia("(prefers-reduced-motion: reduce)");
  model.set("reduced_motion", stillness.matches);
  model.save_changes();

  model.on("change:svg", () => draw(model.get("svg")));
  model.on("change:chosen", mark);
  model.on("change:said", () => { live.textContent = model.get("said"); });
  draw(model.get("svg"));

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
