// Photographs of a form: made small before they are sent (which also leaves behind where they were taken), shown,
// and taken with the camera where the page may use it. Without this script the form sends files as they are.

const SIDE = 2048; // pixels, as the server keeps them
const QUALITY = 0.85;

function drawn(source, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // a JPEG has nothing transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY));
}

const jpeg = (blob, name) => new File([blob], name, { type: "image/jpeg" });

async function smaller(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
    return jpeg(await drawn(picture, picture.width, picture.height), file.name.replace(/\.\w+$|$/, ".jpg"));
  } catch {
    return file; // what this browser cannot read the server may, or says why not
  } finally {
    picture?.close();
  }
}

class Photographs {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    const part = (selector) => form.querySelector(selector);
    this.input = part("input[type=file]");
    this.previews = part("[data-previews]");
    this.status = part("[data-said]");
    this.button = part("button:not([type])");
    this.view = part("[data-view]");
    this.video = part("video");
    this.start = part("[data-start]");
    this.files = [];
    this.shots = 0;
    this.running = 0; // counts starts and stops, so that a camera that comes too late is let go

    this.input.addEventListener("change", () => this.add([...this.input.files].map((file) => () => smaller(file))));
    if (!navigator.mediaDevices?.getUserMedia) return;
    part("[data-camera]").hidden = false;
    this.start.addEventListener("click", () => this.look());
    part("[data-stop]").addEventListener("click", () => this.stop());
    part("[data-shutter]").addEventListener("click", () => this.shoot());
    addEventListener("pagehide", () => this.stop());
    document.addEventListener("visibilitychange", () => document.hidden && this.stop());
  }

  async add(makers) {
    this.button.disabled = true;
    this.say(this.words.sayBusy);
    const room = Number(this.words.most) - this.files.length;
    for (const make of makers.slice(0, room)) this.files.push(await make());
    this.button.disabled = false;
    this.show();
    if (makers.length > room) this.say(this.words.sayMost);
  }

  show() {
    const sent = new DataTransfer();
    for (const file of this.files) sent.items.add(file);
    this.input.files = sent.files;
    for (const old of this.previews.querySelectorAll("img")) URL.revokeObjectURL(old.src);
    this.previews.replaceChildren(...this.files.map((file) => this.preview(file)));
    this.previews.hidden = !this.files.length;
    this.say(this.files.length ? `${this.words.sayReady} ${this.files.length}` : "");
  }

  preview(file) {
    const item = document.createElement("li");
    item.className = "photo";
    const image = new Image();
    image.src = URL.createObjectURL(file);
    image.alt = file.name;
    image.addEventListener("error", () => { // no picture that this browser can show
      const name = document.createElement("div");
      name.className = "photo-none";
      name.textContent = file.name;
      image.replaceWith(name);
    });
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "btn btn-quiet";
    remove.textContent = this.words.sayRemove;
    remove.setAttribute("aria-label", `${this.words.sayRemove}: ${file.name}`);
    remove.addEventListener("click", () => {
      this.files = this.files.filter((other) => other !== file);
      this.show();
      this.input.focus();
    });
    item.append(image, remove);
    return item;
  }

  async look() {
    const turn = (this.running += 1);
    try {
      const size = { width: { ideal: 1920 }, height: { ideal: 1440 } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, ...size } });
      if (turn !== this.running) return end(stream);
      this.video.srcObject = stream;
      await this.video.play();
    } catch (error) {
      if (turn !== this.running) return;
      this.stop();
      this.say(this.words[{ NotAllowedError: "sayDenied", SecurityError: "sayDenied", NotFoundError: "sayNone" }[error.name] ?? "sayTaken"]);
      return;
    }
    this.view.hidden = false;
    this.start.hidden = true;
  }

  stop() {
    this.running += 1;
    if (this.video.srcObject) end(this.video.srcObject);
    this.video.srcObject = null;
    this.view.hidden = true;
    this.start.hidden = false;
  }

  shoot() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || this.button.disabled) return;
    const shot = drawn(this.video, width, height); // now, not when its turn has come
    this.shots += 1;
    this.add([async () => jpeg(await shot, `${this.words.name}-${this.shots}.jpg`)]);
  }

  say(words) {
    this.status.textContent = words;
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

for (const form of document.querySelectorAll("[data-photos]")) new Photographs(form);
