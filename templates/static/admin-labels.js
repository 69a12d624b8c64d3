/*
  The fields that search are drawn by select2, which leaves them without a name.
  This comes after autocomplete.js, so that they are drawn when it runs.
*/
"use strict";

django.jQuery(() => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const drawn = document.getElementById(`select2-${select.id}-container`);
    const label = select.labels[0];
    if (drawn && label) {
      drawn.setAttribute("aria-label", label.textContent.trim());
      // The name of the field first, and then what stands in it.
      label.id ||= `${select.id}-label`;
      drawn
        .closest("[role=combobox]")
        ?.setAttribute("aria-labelledby", `${label.id} ${drawn.id}`);
    }
  }
});
