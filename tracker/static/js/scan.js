// The camera of a scan box: frames go through our own reader (zxing as wasm), and each code that is
// new dispatches `scanned` {text, format} on the box. When the camera cannot be used, the line
// beneath says why and what to do instead.

const FORMATS = ["qr_code", "code_128"];
const PAUSE = 1500; // ms that a code must be out of view before it counts again
const REST = 60; // ms between two frames: a cheap phone stays cool and the page answers

let reader; // one for the page, loaded at the first use (1 MB of wasm, kept by the browser)

function load(box) {
  reader ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = box.dataset.detector;
    script.onload = () => {
      const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
      // Without this the library would fetch the wasm from another host.
      const locateFile = (path, prefix) => (path.endsWith(".wasm") ? box.dataset.wasm : prefix + path);
      prepareZXingModule({ overrides: { locateFile }, fireImmediately: true }).then(
        () => resolve(new BarcodeDetector({ formats: FORMATS })),
        reject,
      );
    };
    script.onerror = () => reject(new Error("The reader did not load."));
    document.head.append(script);
  });
  reader.catch(() => { reader = undefined; });
  return reader;
}

let sound;
function beep(high) {
  try {
    sound ??= new AudioContext();
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = high ? 1320 : 330;
    volume.gain.setValueAtTime(0.12, sound.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.16);
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.17);
  } catch { /* A phone without sound still shows what it read. */ }
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(high ? 60 : [60, 60, 60]);
}

class Camera {
  constructor(box) {
    this.box = box;
    const part = (selector) => box.querySelector(`[data-camera] ${selector}`);
    this.view = part(".scan-view");
    this.video = part("video");
    this.status = part(".scan-status");
    this.startButton = part("[data-start]");
    this.stopButton = part("[data-stop]");
    this.torch = part("[data-torch]");
    this.zoom = part(".scan-zoom");
    this.choice = part(".scan-choice");
    this.seen = new Map(); // text -> when it was last in view
    this.running = 0; // counts starts, so that an old loop ends when a new one begins

    this.startButton.addEventListener("click", () => this.start());
    this.stopButton.addEventListener("click", () => this.stop());
    this.torch.addEventListener("click", () => this.light());
    this.zoom.querySelector("input").addEventListener("input", (event) => this.adjust({ zoom: Number(event.target.value) }));
    this.choice.querySelector("select").addEventListener("change", (event) => {
      remember(event.target.value);
      this.start();
    });
    part("input[type=file]").addEventListener("change", (event) => this.photograph(event.target));
    window.addEventListener("pagehide", () => this.stop());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.stop(); });
    box.addEventListener("collected", (event) => beep(!event.detail.known));
    box.querySelector("[data-camera]").hidden = false;
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.startButton.hidden = true;
      this.say("insecure", true);
    }
  }

  say(key, bad = false, text = "") {
    const sentence = this.box.dataset[`say${key[0].toUpperCase()}${key.slice(1)}`];
    this.status.textContent = text ? `${sentence} ${text}` : sentence;
    this.status.classList.toggle("bad", bad);
    this.box.dataset.state = key;
  }

  async start() {
    this.stop();
    const turn = ++this.running;
    this.say("starting");
    const loading = load(this.box);
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted() });
      if (turn !== this.running) return end(stream);
      this.stream = stream;
      this.video.srcObject = this.stream;
      await this.video.play();
    } catch (error) {
      loading.catch(() => {});
      if (turn === this.running) this.refused(error);
      return;
    }
    this.view.hidden = this.stopButton.hidden = false;
    this.startButton.hidden = true;
    await this.offer();
    try {
      const detector = await loading;
      if (turn !== this.running) return;
      this.say("looking");
      await this.look(detector, turn);
    } catch {
      if (turn === this.running) {
        this.stop();
        this.say("engine", true);
      }
    }
  }

  refused(error) {
    // A remembered camera may be gone: forget it and take any.
    if (error.name === "OverconstrainedError" && remembered()) {
      remember("");
      this.start();
      return;
    }
    this.stop();
    const why = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none" };
    this.say(why[error.name] ?? "busy", true);
  }

  stop() {
    this.running += 1;
    if (this.stream) end(this.stream);
    this.stream = this.video.srcObject = null;
    this.view.hidden = this.stopButton.hidden = this.torch.hidden = this.zoom.hidden = this.choice.hidden = true;
    this.startButton.hidden = !navigator.mediaDevices;
    if (navigator.mediaDevices) this.status.textContent = "";
    this.seen.clear();
  }

  async offer() {
    const track = this.stream.getVideoTracks()[0];
    const can = track.getCapabilities?.() ?? {};
    this.torch.hidden = !can.torch;
    this.torch.setAttribute("aria-pressed", "false");
    if (can.zoom && can.zoom.max > can.zoom.min) {
      const slider = this.zoom.querySelector("input");
      Object.assign(slider, { min: can.zoom.min, max: Math.min(can.zoom.max, 4), step: can.zoom.step || 0.1 });
      slider.value = track.getSettings().zoom ?? can.zoom.min;
      this.zoom.hidden = false;
    }
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const select = this.choice.querySelector("select");
    select.replaceChildren(...cameras.map((camera, n) => new Option(camera.label || `${n + 1}`, camera.deviceId)));
    select.value = track.getSettings().deviceId ?? "";
    this.choice.hidden = cameras.length < 2;
  }

  adjust(setting) {
    return this.stream?.getVideoTracks()[0].applyConstraints({ advanced: [setting] });
  }

  async light() {
    const on = this.torch.getAttribute("aria-pressed") !== "true";
    await this.adjust({ torch: on });
    this.torch.setAttribute("aria-pressed", String(on));
  }

  async look(detector, turn) {
    while (turn === this.running) {
      await nextFrame(this.video);
      if (turn !== this.running) return;
      for (const code of await detector.detect(this.video)) {
        if (turn === this.running) this.found(code);
      }
      await new Promise((resolve) => setTimeout(resolve, REST));
    }
  }

  found({ rawValue: text, format }) {
    const now = performance.now();
    const fresh = now - (this.seen.get(text) ?? -Infinity) > PAUSE;
    this.seen.set(text, now);
    if (text && fresh) this.tell(text, format);
  }

  tell(text, format) {
    this.say("read", false, text);
    this.view.classList.add("hit");
    setTimeout(() => this.view.classList.remove("hit"), 400);
    if (!this.box.hasAttribute("data-collect")) beep(true);
    this.box.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { text, format } }));
  }

  async photograph(input) {
    const [file] = input.files;
    if (!file) return;
    this.say("starting");
    try {
      const detector = await load(this.box);
      const picture = await createImageBitmap(file);
      const codes = await detector.detect(picture);
      for (const { rawValue, format } of codes) this.tell(rawValue, format);
      if (!codes.length) this.say("nothing", true);
    } catch {
      this.say("engine", true);
    }
    input.value = "";
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function nextFrame(video) {
  // The timer is for browsers without the callback, and for a camera that has gone still.
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 250);
    video.requestVideoFrameCallback?.(() => { clearTimeout(timer); resolve(); });
  });
}

function wanted() {
  const size = { width: { ideal: 1920 }, height: { ideal: 1080 } };
  const chosen = remembered();
  return chosen ? { deviceId: { exact: chosen }, ...size } : { facingMode: { ideal: "environment" }, ...size };
}

function remembered() {
  try { return localStorage.getItem("camera") ?? ""; } catch { return ""; }
}

function remember(id) {
  try { localStorage.setItem("camera", id); } catch { /* Private mode: choose again next time. */ }
}

for (const box of document.querySelectorAll("[data-scan]:has([data-camera])")) new Camera(box);
