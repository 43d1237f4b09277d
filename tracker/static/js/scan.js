// The camera of a scan box: frames go through our own reader (zxing as wasm), and each code that is
// new dispatches `scanned` {text, format} on the box. When the camera cannot be used, the line
// beneath says why and what to do instead.

const BARS = "code_128";
const FORMATS = ["qr_code", BARS];
const PAUSE = 1500; // ms that a code must be out of view before it counts again
const SLOW = 45; // ms of a look after which every other look is at a picture of half the size
const REST = 100; // ms between two looks at most: as long as the look took, so a cheap phone stays cool and the page answers

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

// What a code names, for telling repetitions apart: the QR and the bars of a label of ours are one.
function named(text) {
  const [, host, code] = /^https?:\/\/([^/]+)\/t\/([^/?#]+)/i.exec(text) ?? [];
  const ours = host?.toLowerCase() === (document.body.dataset.host ?? location.host).toLowerCase();
  return (ours ? code : text).toUpperCase().replace(/[\s-]/g, "");
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
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
    this.seen = new Map(); // what it names -> { at: when it was last in view, told }
    this.set = {}; // light and zoom as they were chosen
    this.running = 0; // counts starts, so that an old loop ends when a new one begins
    this.on = false; // somebody wants it: it starts again when the page is shown, or a camera is plugged in

    this.startButton.addEventListener("click", () => {
      this.start();
      if (box.hasAttribute("data-quiet")) return;
      try { (sound ??= new AudioContext()).resume(); } catch { /* Silent, then. */ } // allowed in a tap only
    });
    this.stopButton.addEventListener("click", () => { this.on = false; this.stop(); });
    this.torch.addEventListener("click", () => this.adjust({ torch: this.torch.getAttribute("aria-pressed") !== "true" }));
    this.zoom.querySelector("input").addEventListener("input", (event) => this.adjust({ zoom: Number(event.target.value) }));
    this.choice.querySelector("select").addEventListener("change", (event) => {
      remember(event.target.value);
      this.start();
    });
    part("input[type=file]").addEventListener("change", (event) => this.photograph(event.target));
    window.addEventListener("pagehide", () => this.stop());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
      else if (this.on && !box.hasAttribute("data-go")) this.start();
    });
    box.addEventListener("collected", (event) => beep(!event.detail.known));
    box.querySelector("[data-camera]").hidden = false;
    if (!window.isSecureContext || !navigator.mediaDevices) {
      this.startButton.hidden = true;
      this.say("insecure", true);
      return;
    }
    navigator.mediaDevices.addEventListener("devicechange", () => {
      if (this.stream) this.offer(this.running);
      else if (this.on && !document.hidden) this.start();
    });
  }

  say(key, bad = false, text = "") {
    const sentence = this.box.dataset[`say${key[0].toUpperCase()}${key.slice(1)}`];
    this.status.textContent = text ? `${sentence} ${text}` : sentence;
    this.status.classList.toggle("bad", bad);
    this.box.dataset.state = key;
    if (key === "insecure" && this.box.dataset.trust) {
      const way = Object.assign(document.createElement("a"), { href: this.box.dataset.trust, textContent: this.box.dataset.sayTrust });
      this.status.append(" ", way);
    }
  }

  async start() {
    this.stop();
    this.on = true;
    const turn = ++this.running;
    this.say("starting");
    const loading = load(this.box);
    loading.catch(() => {});
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted() });
      if (turn !== this.running) return end(stream);
      this.stream = this.video.srcObject = stream;
      stream.getVideoTracks()[0].addEventListener("ended", () => { if (turn === this.running) this.fail("gone"); });
      await this.video.play();
    } catch (error) {
      if (turn === this.running) this.refused(error);
      return;
    }
    if (turn !== this.running) return;
    this.view.hidden = this.stopButton.hidden = false;
    this.startButton.hidden = true;
    this.stayAwake(turn);
    try {
      await this.offer(turn);
      const detector = await loading;
      if (turn !== this.running) return;
      this.say("looking");
      await this.look(detector, turn);
    } catch {
      if (turn === this.running) this.fail("engine");
    }
  }

  refused(error) {
    // A remembered camera may be gone: forget it and take any.
    if (error.name === "OverconstrainedError" && remembered()) {
      remember("");
      this.start();
      return;
    }
    const why = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "none", OverconstrainedError: "none" };
    this.fail(why[error.name] ?? "busy");
  }

  fail(why) {
    this.stop();
    this.on = why === "gone" || why === "none"; // plugged in, it starts
    this.say(why, true);
  }

  stop() {
    this.running += 1;
    if (this.stream) end(this.stream);
    this.stream = this.video.srcObject = null;
    this.lock?.release().catch(() => {});
    this.lock = undefined;
    this.view.hidden = this.stopButton.hidden = this.torch.hidden = this.zoom.hidden = this.choice.hidden = true;
    if (navigator.mediaDevices) {
      this.startButton.hidden = false;
      this.status.textContent = this.box.dataset.state = "";
    }
  }

  async stayAwake(turn) {
    try {
      const lock = await navigator.wakeLock?.request("screen");
      if (turn === this.running) this.lock = lock;
      else lock?.release();
    } catch { /* A nearly empty battery: the screen goes dark as always. */ }
  }

  async offer(turn) {
    const track = this.stream.getVideoTracks()[0];
    const can = track.getCapabilities?.() ?? {};
    this.torch.hidden = !can.torch;
    this.torch.setAttribute("aria-pressed", "false");
    this.zoom.hidden = !(can.zoom?.max > can.zoom?.min);
    if (!this.zoom.hidden) {
      // Phones begin at 1, webcams at 100 or so: four times that is enough, and sharper than more.
      const { min, max, step } = can.zoom;
      const now = track.getSettings().zoom ?? min;
      const slider = this.zoom.querySelector("input");
      Object.assign(slider, { min, max: now > 0 ? Math.min(max, now * 4) : max, step: step || "any" });
      slider.value = this.set.zoom ?? now;
    }
    if (this.set.torch && can.torch) this.adjust({ torch: true });
    if (this.set.zoom && can.zoom) this.adjust({ zoom: this.set.zoom });
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    if (turn !== this.running) return;
    const select = this.choice.querySelector("select");
    select.replaceChildren(...cameras.map((camera, n) => new Option(camera.label || `${n + 1}`, camera.deviceId)));
    select.value = track.getSettings().deviceId ?? "";
    this.choice.hidden = cameras.length < 2;
  }

  async adjust(setting) {
    try {
      await this.stream?.getVideoTracks()[0].applyConstraints({ advanced: [setting] });
    } catch {
      return;
    }
    Object.assign(this.set, setting);
    if ("torch" in setting) this.torch.setAttribute("aria-pressed", String(setting.torch));
  }

  async look(detector, turn) {
    let slow = false;
    for (let looks = 0; turn === this.running; looks += 1) {
      const began = performance.now();
      let fresh = false;
      if (!this.view.getClientRects().length) {
        // Something else is on the screen, such as a form to sign: what lies before the camera has been seen.
        for (const one of this.seen.values()) one.at = began;
      } else if (this.video.readyState > 1) {
        const half = slow && looks % 2;
        const codes = await detector.detect(this.frame(half ? 0.5 : 1));
        if (turn !== this.running) return;
        for (const code of codes) fresh = this.found(code) || fresh;
        if (!half) slow = performance.now() - began > SLOW;
      }
      // What was read goes first: it is kept and sent while we rest.
      const rest = fresh ? REST : Math.min(performance.now() - began, REST);
      await Promise.all([nextFrame(this.video), new Promise((resolve) => setTimeout(resolve, rest))]);
    }
  }

  // Only what is shown: a label beyond the edge would be counted without anybody seeing why.
  frame(scale) {
    const { videoWidth, videoHeight, clientWidth, clientHeight } = this.video;
    const fit = Math.max(clientWidth / videoWidth, clientHeight / videoHeight); // object-fit: cover
    const [wide, high] = [clientWidth / fit, clientHeight / fit];
    return this.picture(this.video, (videoWidth - wide) / 2, (videoHeight - high) / 2, wide, high, scale);
  }

  // The pixels, from one sheet that is used again: reading a frame back from the graphics card costs more than looking at it.
  picture(source, left, top, width, height, scale) {
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (this.canvas.width !== wide) this.canvas.width = wide;
    if (this.canvas.height !== high) this.canvas.height = high;
    this.pen.drawImage(source, left, top, width, height, 0, 0, wide, high);
    return this.pen.getImageData(0, 0, wide, high);
  }

  found({ rawValue: text, format }) {
    const key = named(text);
    const at = performance.now();
    const last = this.seen.get(key);
    const again = last && at - last.at <= PAUSE;
    // A harmed QR is mended or not read; harmed bars may be read wrongly: they count when two looks agree.
    const sure = format !== BARS || again;
    const told = again && last.told;
    this.seen.set(key, { at, told: told || sure });
    const fresh = key && sure && !told;
    if (fresh) this.tell(text, format, key);
    return fresh;
  }

  tell(text, format, key) {
    for (const [old, { at }] of this.seen) if (performance.now() - at > PAUSE) this.seen.delete(old);
    this.say("read", false, key);
    this.view.classList.add("hit");
    setTimeout(() => this.view.classList.remove("hit"), 400);
    if (!this.box.matches("[data-collect], [data-quiet]")) beep(true);
    this.box.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: { text, format } }));
  }

  async photograph(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    this.say("starting");
    let why = "engine";
    try {
      const detector = await load(this.box);
      why = "unreadable";
      const photo = await createImageBitmap(file);
      const codes = new Map();
      for (const side of [1600, 4000]) {
        const scale = Math.min(1, side / Math.max(photo.width, photo.height));
        for (const code of codes.size ? [] : await detector.detect(this.picture(photo, 0, 0, photo.width, photo.height, scale))) {
          if (!codes.has(named(code.rawValue))) codes.set(named(code.rawValue), code.rawValue);
        }
      }
      for (const [key, text] of codes) this.tell(text, "photo", key);
      if (!codes.size) this.say("nothing", true);
    } catch {
      this.say(why, true);
    }
  }
}

function end(stream) {
  for (const track of stream.getTracks()) track.stop();
}

function nextFrame(video) {
  // The timer is for browsers without the callback, and for a camera that has gone still.
  return new Promise((resolve) => {
    const waiting = video.requestVideoFrameCallback?.(() => { clearTimeout(timer); resolve(); });
    const timer = setTimeout(() => { video.cancelVideoFrameCallback?.(waiting); resolve(); }, 250);
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
