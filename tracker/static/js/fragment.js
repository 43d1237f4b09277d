// The secret of a handover stands behind the "#" of its link, so that it reaches no server log.
// Move it into the form's hidden field and clear it from the address and the history.

const field = document.querySelector("input[data-fragment]") ?? document.querySelector("form input[type=hidden][name=secret]");
const secret = decodeURIComponent(location.hash.slice(1));
if (field && secret) {
  field.value = secret;
  history.replaceState(history.state, "", location.pathname + location.search);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}
