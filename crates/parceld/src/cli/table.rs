//! Tables for people; Chinese signs take two columns.

use comfy_table::Table;
use comfy_table::presets::NOTHING;

/// Most characters of a text in a table's cell; the JSON output has all of it.
const CELL_CHARS_MAX: usize = 60;

/// Rows under their headings, aligned, with a line end after each.
pub(crate) fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(headings);
    for row in rows {
        table.add_row(row);
    }
    let mut text = String::new();
    for line in table.lines() {
        // The style's own margins.
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text
}

/// One line of bounded length.
pub(crate) fn cell(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if line.chars().count() <= CELL_CHARS_MAX {
        return line;
    }
    let mut cut: String = line.chars().take(CELL_CHARS_MAX - 1).collect();
    cut.push('…');
    cut
}
