/** A message as a tree of fields and as bytes: hover or focus one, and the other lights up. */
const ROW = 16; // bytes in a line
const WAYS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

function render({ model, el }) {
  el.classList.add("dl-app", "dl-inspector");
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", "Message inspector");
  keepKeys(el);
  const bytes = (model.get("hex").match(/../g) ?? []).map((pair) => parseInt(pair, 16));
  const fields = model.get("fields").map(([depth, offset, length, name, value]) => ({ depth, offset, length, name, value }));

  const tree = add(el, "div", "dl-fields");
  tree.setAttribute("role", "tree");
  tree.setAttribute("aria-label", "Fields of the message");
  const items = fields.map((field, index) => {
    const item = add(tree, "div", "dl-field");
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", field.depth + 1);
    item.tabIndex = index ? -1 : 0;
    item.style.paddingLeft = `${8 + 16 * field.depth}px`;
    add(item, "span", "dl-field-name").textContent = field.name;
    add(item, "span", "dl-field-value").textContent = ` ${field.value}`;
    item.addEventListener("focus", () => choose(index));
    item.addEventListener("mouseenter", () => show(index));
    item.addEventListener("keydown", (event) => move(event, index));
    return item;
  });

  const right = add(el, "div", "dl-bytes-side");
  const said = add(right, "div", "dl-said");
  said.setAttribute("role", "status");
  const dump = add(right, "div", "dl-dump");
  dump.setAttribute("aria-hidden", "true"); // the tree says the same in words
  const cells = [], letters = [];
  for (let start = 0; start < bytes.length; start += ROW) {
    const row = add(dump, "div", "dl-row");
    add(row, "span", "dl-at").textContent = String(start).padStart(4);
    const pairs = add(row, "span", "dl-pairs"), text = add(row, "span", "dl-letters");
    for (let at = start; at < Math.min(start + ROW, bytes.length); at += 1) {
      const printable = bytes[at] > 32 && bytes[at] < 127;
      cells.push(byte(pairs, at, bytes[at].toString(16).padStart(2, "0")));
      letters.push(byte(text, at, printable ? String.fromCharCode(bytes[at]) : "·"));
    }
  }

  let chosen = 0;
  function byte(parent, at, text) {
    const cell = add(parent, "span", "dl-byte");
    cell.textContent = text;
    const index = innermost(at);
    cell.addEventListener("mouseenter", () => show(index));
    cell.addEventListener("click", () => choose(index));
    return cell;
  }
  function innermost(at) {
    let found = 0;
    fields.forEach((field, index) => { if (holds(field, at) && !isBit(index)) found = index; });
    return found;
  }
  function isBit(index) { // bits share their byte: the byte belongs to all flags together
    for (let up = index - 1; up >= 0; up -= 1) {
      if (fields[up].depth < fields[index].depth) return fields[up].name === "flags" && fields[up].length === 2;
    }
    return false;
  }
  function show(index) {
    const field = fields[index];
    items.forEach((item, place) => item.classList.toggle("dl-lit", place === index));
    for (const list of [cells, letters]) {
      list.forEach((cell, at) => {
        cell.classList.toggle("dl-lit", holds(field, at));
        cell.classList.toggle("dl-first", at === field.offset && field.length > 0);
        cell.classList.toggle("dl-last", at === field.offset + field.length - 1);
      });
    }
  }
  function choose(index) {
    items[chosen].tabIndex = -1;
    items[chosen].setAttribute("aria-selected", "false");
    chosen = index;
    items[chosen].tabIndex = 0;
    items[chosen].setAttribute("aria-selected", "true");
    show(chosen);
    const { offset, length, name, value } = fields[chosen];
    const where = length === 1 ? `byte ${offset}` : `bytes ${offset} to ${offset + length - 1}`;
    said.textContent = `${name}: ${value ? `${value}, ` : ""}${length ? where : "no bytes"}`;
    const box = items[chosen], top = box.offsetTop - tree.offsetTop;
    if (top < tree.scrollTop || top + box.offsetHeight > tree.scrollTop + tree.clientHeight) tree.scrollTop = top - tree.clientHeight / 2;
  }
  function move(event, index) {
    const ends = { Home: 0, End: items.length - 1 };
    const next = items[event.key in ends ? ends[event.key] : index + WAYS[event.key]];
    if (!(event.key in ends) && !(event.key in WAYS)) return;
    next?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
  el.addEventListener("mouseleave", () => show(chosen));
  choose(0);
}
const holds = (field, at) => at >= field.offset && at < field.offset + field.length;
export default { render };
