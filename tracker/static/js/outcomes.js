// What a scan came to, as a sound and a buzz of its own: told apart with gloves on, in noise, without looking.
// Each sound is a list of tones: hertz, milliseconds, and the pause after it.

const SOUNDS = {
  done: [[1320, 110, 0]],
  already: [[990, 70, 50], [990, 70, 0]],
  blocked: [[220, 420, 0]],
  unknown: [[520, 120, 30], [390, 240, 0]],
  retired: [[660, 110, 30], [520, 110, 30], [660, 110, 0]],
  "not-yours": [[300, 110, 70], [300, 110, 70], [300, 110, 0]],
  queued: [[760, 60, 0]],
};
const BUZZES = {
  done: [50],
  already: [30, 40, 30],
  blocked: [280],
  unknown: [90, 60, 180],
  retired: [60, 40, 60, 40, 60],
  "not-yours": [110, 70, 110, 70, 110],
  queued: [25],
};

let audio;

// Browsers are silent until the first touch or key.
export function unlock() {
  try {
    audio ??= new AudioContext();
    if (audio.state === "suspended") audio.resume();
  } catch { /* A phone without sound still shows every outcome. */ }
}

export function signal(verdict) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(BUZZES[verdict] ?? []);
  if (!audio) return;
  let at = audio.currentTime;
  for (const [hertz, long, pause] of SOUNDS[verdict] ?? []) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.type = verdict === "blocked" ? "square" : "sine";
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.14, at);
    volume.gain.setTargetAtTime(0, at + long / 1000, 0.012);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + long / 1000 + 0.08);
    at += (long + pause) / 1000;
  }
}
