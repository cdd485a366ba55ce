//! A function after each pass in columns side by side, as gc's GOSSAFUNC shows it: one HTML page that needs nothing else.
//!
//! A line that the column before does not have is marked. A click on a value, a block or a local variable marks it in all
//! columns.

use std::collections::HashSet;

const HEAD: &str = r#"<style>
body { font: 13px sans-serif; margin: 8px }
main { display: flex; align-items: flex-start }
section { border: 1px solid #bbb; margin-right: 6px; flex: none }
h2 { font-size: 13px; margin: 0; padding: 4px 8px; background: #eee; position: sticky; top: 0; cursor: pointer }
pre { margin: 0; padding: 6px 8px; line-height: 1.35 }
section.folded pre { display: none }
.new { background: #e2f5e2 }
b { font-weight: normal; cursor: pointer }
b.on { background: #ffd54a }
</style>
<script>
addEventListener("click", e => {
  if (e.target.tagName == "H2") e.target.parentElement.classList.toggle("folded");
  if (e.target.tagName != "B") return;
  const on = !e.target.classList.contains("on"), name = e.target.textContent;
  for (const b of document.querySelectorAll("b")) if (b.textContent == name) b.classList.toggle("on", on);
});
</script>
"#;

/// The page of a function: titles and texts of the columns.
pub fn page(func: &str, columns: &[(String, String)]) -> String {
    let title = escaped(func);
    let mut out = format!("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n{HEAD}");
    out += &format!("<h1>{title}</h1>\n<main>\n");
    let mut before: Option<HashSet<&str>> = None;
    for (title, text) in columns {
        out += &format!("<section><h2>{}</h2><pre>", escaped(title));
        for line in text.lines() {
            let is_new = before.as_ref().is_some_and(|b| !b.contains(line));
            let (open, close) = if is_new { ("<span class=\"new\">", "</span>") } else { ("", "") };
            out += &format!("{open}{}{close}\n", names_marked(line));
        }
        out += "</pre></section>\n";
        before = Some(text.lines().collect());
    }
    out + "</main>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A line whose values, blocks and locals, such as v12, b3 and l0, can be clicked on.
fn names_marked(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        let is_name = word.strip_prefix(['v', 'b', 'l']).is_some_and(|n| n.parse::<u32>().is_ok());
        out += &if is_name { format!("<b>{word}</b>") } else { word.to_string() };
        let next = behind.find(|c: char| c.is_ascii_alphanumeric()).unwrap_or(behind.len());
        out += &escaped(&behind[..next]);
        rest = &behind[next..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_marked_and_text_is_escaped() {
        assert_eq!(
            names_marked("  v2 bool = lt<v0>, b12(x1)"),
            "  <b>v2</b> bool = lt&lt;<b>v0</b>&gt;, <b>b12</b>(x1)"
        );
    }

    #[test]
    fn lines_that_are_new_are_marked() {
        let columns = [("build".into(), "one\ntwo".into()), ("fold".into(), "one\nthree".into())];
        let page = page("main.f", &columns);
        assert!(page.contains("<pre>one\ntwo\n</pre>"), "{page}");
        assert!(page.contains("<pre>one\n<span class=\"new\">three</span>\n</pre>"), "{page}");
    }
}
