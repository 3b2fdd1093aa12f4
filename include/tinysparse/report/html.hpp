// SPDX-License-Identifier: Apache-2.0
// Pieces of a page: texts that are safe in HTML and SVG, tables with a caption, headings with their section.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::report {

/// Text for HTML and SVG; characters that a page may not hold are written out.
inline std::string escaped(std::string_view raw) {
    std::string out;
    for (const char letter : printable(raw)) switch (letter) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += letter;
        }
    return out;
}

/// A value as JSON inside a script element: no text in it can end the element or begin a comment of HTML.
inline std::string script_json(const json::Value& value) { return replaced(json::write(value), "<", "\\u003c"); }

/// A row of a table. The first cell is its heading.
struct HtmlRow {
    /// Contents of the cells.
    std::vector<std::string> cells;
    std::string id = {};    ///< Name of the row in links; empty: none.
    std::string style = {}; ///< Class in the style sheet; empty: none.
};

/// A table for eyes and screen readers: a caption, headings of columns, and a heading for each row. `id`: its name in
/// the style sheet and the script. On a narrow screen the table scrolls, not the page.
inline std::string html_table(std::string_view id, std::string_view caption, const std::vector<std::string>& titles,
                              const std::vector<HtmlRow>& rows) {
    const std::string name = escaped(caption);
    std::string out = text("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", name, "\"><table id=\"",
                           id, "\"><caption>", name, "</caption>\n<thead><tr>");
    for (const std::string& title : titles)
        out += title.empty() ? "<td></td>" : text("<th scope=\"col\">", escaped(title), "</th>");
    out += "</tr></thead><tbody>\n";
    for (const HtmlRow& row : rows) {
        out += "<tr";
        if (!row.id.empty()) out += text(" id=\"", row.id, '"');
        if (!row.style.empty()) out += text(" class=\"", row.style, '"');
        out += '>';
        for (std::size_t i = 0; i < row.cells.size(); ++i)
            out += i ? text("<td>", escaped(row.cells[i]), "</td>")
                     : text("<th scope=\"row\">", escaped(row.cells[i]), "</th>");
        out += "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

/// A section below a heading; empty without contents, which are HTML.
inline std::string html_section(std::string_view heading, const std::string& contents) {
    return contents.empty() ? "" : text("<section>\n<h2>", escaped(heading), "</h2>\n", contents, "</section>\n");
}

/// Words as a paragraph, escaped.
inline std::string paragraph(std::string_view words) { return text("<p>", escaped(words), "</p>\n"); }

/// A list of words and what they mean; empty without words.
inline std::string html_meanings(const std::vector<std::pair<std::string, std::string>>& words) {
    std::string out;
    for (const auto& [word, meaning] : words)
        out += text("<dt>", escaped(word), "</dt><dd>", escaped(meaning), "</dd>\n");
    return out.empty() ? "" : text("<dl class=\"words\">\n", out, "</dl>\n");
}

} // namespace tinysparse::report
