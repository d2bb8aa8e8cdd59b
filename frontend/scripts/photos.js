// Photos before they are sent: a preview, and a smaller picture. Drawing a picture anew also drops
// its metadata, the place it was taken among them; the server does the same for every upload.

const LONGEST_SIDE = 2048;
const QUALITY = 0.85;
const SMALL_ENOUGH = 400_000;

async function smaller(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob || (blob.size >= file.size && file.size <= SMALL_ENOUGH)) return file;
  const name = file.name.replace(/\.[^.]*$/, "") + ".jpg";
  return new File([blob], name, { type: "image/jpeg", lastModified: Date.now() });
}

async function prepared(file) {
  if (!file.type.startsWith("image/")) return file;
  try {
    return await smaller(file);
  } catch {
    return file; // a format this browser cannot draw (HEIC): the server will
  }
}

function preview(list, files) {
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren();
  for (const file of files) {
    if (!file.type.startsWith("image/")) continue;
    const item = document.createElement("li");
    const image = document.createElement("img");
    image.alt = file.name;
    image.src = URL.createObjectURL(file);
    item.append(image);
    list.append(item);
  }
}

async function take(box, input) {
  box.dataset.state = "working";
  const files = await Promise.all([...input.files].map(prepared));
  const carrier = new DataTransfer();
  for (const file of files) carrier.items.add(file);
  input.files = carrier.files;
  const list = box.querySelector("[data-photos-previews]");
  if (list) preview(list, files);
  box.dataset.state = "idle";
}

export function photos(root) {
  if (!window.createImageBitmap || !window.DataTransfer) return;
  for (const box of root.querySelectorAll("[data-photos]")) {
    const input = box.querySelector("input[type=file]");
    input?.addEventListener("change", () => take(box, input));
  }
}
