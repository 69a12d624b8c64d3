/*
  Of an assumption, only what its condition needs is asked; rows that are still empty
  wait until the one before them is used. Without this, all of it stands there.
*/
"use strict";

{
  const needed = {
    "": [],
    day: ["value", "note"],
    no_release: ["value", "note"],
    release_reaches: ["value", "subject", "note"],
    licence_changes: ["note"],
    signal: ["signal", "note"],
  };

  const rows = [...document.querySelectorAll(".assumption")];

  const arrange = () => {
    let isNext = true;
    for (const row of rows) {
      const condition = row.querySelector(".of-condition select").value;
      for (const name of ["value", "signal", "subject", "note"]) {
        row.querySelector(`.of-${name}`).hidden = !needed[condition].includes(name);
      }
      row.hidden = condition === "" && !isNext;
      isNext = condition !== "" && !row.hidden;
    }
  };

  for (const row of rows) {
    row.querySelector(".of-condition select").addEventListener("change", arrange);
  }
  if (rows.length > 0) {
    arrange();
  }
}
