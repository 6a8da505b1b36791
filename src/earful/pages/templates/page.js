/* Sorting and filtering of tables. Without it every table is there whole, in its own order. */
(function () {
  "use strict";
  var words = document.getElementById("words").dataset;
  var compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;

  document.querySelectorAll("table[data-tools]").forEach(function (table) {
    var rows = Array.from(table.querySelectorAll("tbody tr:not(.gap)"));
    if (rows.length < 3) return;
    var tools = document.createElement("div");
    tools.className = "tools";
    if (table.dataset.tools !== "sort" && rows.length > 7) tools.append(finder(table, rows));
    if (table.dataset.tools !== "filter") sorter(table, rows, tools);
    if (tools.childElementCount) table.parentNode.before(tools);
  });

  function finder(table, rows) {
    var label = document.createElement("label");
    var field = document.createElement("input");
    var told = document.createElement("span");
    field.type = "search";
    told.setAttribute("role", "status");
    label.append(words.filter + " ", field, " ", told);
    field.addEventListener("input", function () {
      var wanted = field.value.trim().toLocaleLowerCase();
      var shown = rows.filter(function (row) {
        row.hidden = !named(row).includes(wanted);
        return !row.hidden;
      });
      table.classList.toggle("sifted", Boolean(wanted));
      told.textContent = wanted ? words.shown.replace("{n}", shown.length).replace("{all}", rows.length) : "";
    });
    return label;
  }

  function named(row) {
    return Array.from(row.querySelectorAll("th, .kind, td:not([data-v], .num, .plot)"), function (cell) {
      return cell.textContent;
    }).join(" ").toLocaleLowerCase();
  }

  function sorter(table, rows, tools) {
    var heads = Array.from(table.querySelectorAll("thead th"));
    var bodies = Array.from(table.tBodies, function (body) {
      return { body: body, rows: Array.from(body.rows) };
    });
    var label = document.createElement("label");
    var choice = document.createElement("select");
    choice.add(new Option(words.given, ""));
    heads.forEach(function (head, column) {
      if (!head.dataset.by) return;
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(head.childNodes));
      head.append(button);
      button.addEventListener("click", function () {
        var way = head.getAttribute("aria-sort");
        order(column, way === "descending" ? "ascending" : way === "ascending" ? "" : "descending");
      });
      choice.add(new Option(head.dataset.by + " ↓", column + " descending"));
      choice.add(new Option(head.dataset.by + " ↑", column + " ascending"));
    });
    if (choice.length < 3) return;
    label.className = "narrow";
    label.append(words.sort + " ", choice);
    choice.addEventListener("change", function () {
      var parts = choice.value.split(" ");
      order(Number(parts[0]), parts[1] || "");
    });
    tools.append(label);

    function order(column, way) {
      heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
      if (way) heads[column].setAttribute("aria-sort", way);
      choice.value = way ? column + " " + way : "";
      table.classList.toggle("sorted", Boolean(way));
      bodies.forEach(function (part) {
        var sorted = part.rows.slice();
        if (way) {
          sorted.sort(function (one, other) {
            var fixed = other.classList.contains("gap") - one.classList.contains("gap");
            return fixed || both(one.cells[column], other.cells[column], way === "ascending" ? 1 : -1);
          });
        }
        part.body.append.apply(part.body, sorted);
      });
    }
  }

  /* What has no value stands last whichever way. */
  function both(one, other, sign) {
    var a = value(one), b = value(other);
    if (a === "" || b === "") return (a === "") - (b === "");
    return sign * (isNaN(a) || isNaN(b) ? compare(a, b) : a - b);
  }

  function value(cell) {
    return "v" in cell.dataset ? cell.dataset.v : cell.textContent.trim();
  }
})();
