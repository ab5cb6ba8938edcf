/** Put a new element at the end of another one, and return it. */
function add(parent, tag, name = "") {
  const child = parent.appendChild(document.createElement(tag));
  if (name) child.className = name;
  return child;
}
