// Addresses while somebody types: the city's own, offered in the browser's own list.

const WAIT_MS = 150;
const SHORTEST = 3;

export function suggest(root) {
  for (const field of root.querySelectorAll("input[data-suggest]")) offer(field);
}

function offer(field) {
  const list = document.createElement("datalist");
  list.id = `${field.id}-suggestions`;
  field.after(list);
  field.setAttribute("list", list.id);
  // The browser's memory of the reporter's own address would cover ours.
  field.autocomplete = "off";
  let waiting;
  let asked = "";
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    const text = field.value.trim();
    if (text.length < SHORTEST || text === asked) return;
    waiting = setTimeout(() => ask(text), WAIT_MS);
  });

  async function ask(text) {
    asked = text;
    const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(text)}`);
    if (!answer.ok || asked !== text) return;
    const { places } = await answer.json();
    list.replaceChildren(...places.map((place) => new Option(place, place)));
  }
}
