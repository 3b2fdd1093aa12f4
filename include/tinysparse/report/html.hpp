// SPDX-License-Identifier: Apache-2.0
// Pieces of a page: texts that are safe in HTML and SVG, sentences, tables with a caption, headings with their section.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tinysparse/base/characters.hpp"
#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/report/table.hpp"

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

/// The words with a capital first letter.
inline std::string capitalised(std::string_view words) {
    std::string out(words);
    if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = char(out[0] - 'a' + 'A');
    return out;
}

/// The words with a capital first letter and a full stop, unless they end in another mark. Lines do not break within a
/// number such as 10 000, or before its unit.
inline std::string sentence(std::string_view words) {
    const bool open = !words.empty() && std::string_view(".:!?").find(words.back()) == std::string_view::npos;
    return text(capitalised(with_fixed_spaces(words, "\u00a0")), open ? "." : "");
}

/// Contents, which are HTML, that scroll on a narrow screen, so that the page does not.
inline std::string scrolling(std::string_view label, const std::string& contents) {
    return text("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"", escaped(label), "\">", contents,
                "</div>\n");
}

/// A row of a table. The first cell is its heading.
struct HtmlRow {
    /// Contents of the cells.
    std::vector<std::string> cells;
    std::string id = {};                       ///< Name of the row in links; empty: none.
    std::string style = {};                    ///< Class in the style sheet; empty: none.
    std::vector<std::string> backgrounds = {}; ///< Colours of the cells, or none at all; empty: that of the page.
};

/// A table for eyes and screen readers: a caption, headings of columns, and a heading for each row. `id`: its name in
/// the style sheet and the script; empty: none.
inline std::string html_table(std::string_view id, std::string_view caption, const std::vector<std::string>& titles,
                              const std::vector<HtmlRow>& rows) {
    std::string out = text("<table", id.empty() ? "" : text(" id=\"", id, '"'), "><caption>", escaped(caption),
                           "</caption>\n<thead><tr>");
    for (const std::string& title : titles)
        out += title.empty() ? "<td></td>" : text("<th scope=\"col\">", escaped(title), "</th>");
    out += "</tr></thead><tbody>\n";
    for (const HtmlRow& row : rows) {
        out += "<tr";
        if (!row.id.empty()) out += text(" id=\"", row.id, '"');
        if (!row.style.empty()) out += text(" class=\"", row.style, '"');
        out += '>';
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            const bool coloured = i < row.backgrounds.size() && !row.backgrounds[i].empty();
            out += text(i ? "<td" : "<th scope=\"row\"",
                        coloured ? text(" style=\"background:", row.backgrounds[i], '"') : "", '>',
                        escaped(row.cells[i]), i ? "</td>" : "</th>");
        }
        out += "</tr>\n";
    }
    return scrolling(caption, out + "</tbody></table>");
}

/// A heading that links reach by its words: "section-all-trials".
inline std::string html_heading(std::string_view words) {
    std::string id = "section-";
    for (const char letter : words)
        id += letter == ' ' ? '-' : letter >= 'A' && letter <= 'Z' ? char(letter + 32) : letter;
    return text("<h2 id=\"", escaped(id), "\">", escaped(words), "</h2>\n");
}

/// A section below a heading; empty without contents, which are HTML.
inline std::string html_section(std::string_view heading, const std::string& contents) {
    return contents.empty() ? "" : text("<section>\n", html_heading(heading), contents, "</section>\n");
}

/// Links to the headings of HTML that html_heading() made.
inline std::string html_contents(std::string_view html) {
    constexpr std::string_view opening = "<h2 id=\"", between = "\">";
    std::string out;
    for (std::size_t at = html.find(opening); at != html.npos; at = html.find(opening, at)) {
        at += opening.size();
        const std::size_t words = html.find(between, at) + between.size();
        out += text("<li><a href=\"#", html.substr(at, words - between.size() - at), "\">",
                    html.substr(words, html.find("</h2>", words) - words), "</a></li>\n");
    }
    return text("<nav aria-label=\"Sections of this page\"><ul>\n", out, "</ul></nav>\n");
}

/// Words as a paragraph of whole sentences, escaped.
inline std::string paragraph(std::string_view words) { return text("<p>", escaped(sentence(words)), "</p>\n"); }

/// A list of sentences; empty without any.
inline std::string html_list(const std::vector<std::string>& sentences) {
    std::string out;
    for (const std::string& one : sentences) out += text("<li>", escaped(sentence(one)), "</li>");
    return out.empty() ? "" : text("<ul>", out, "</ul>\n");
}

/// A list of words and what they mean; empty without words.
inline std::string html_meanings(const std::vector<std::pair<std::string, std::string>>& words) {
    std::string out;
    for (const auto& [word, meaning] : words)
        out += text("<dt>", escaped(capitalised(word)), "</dt><dd>", escaped(sentence(meaning)), "</dd>\n");
    return out.empty() ? "" : text("<dl class=\"words\">\n", out, "</dl>\n");
}

} // namespace tinysparse::report
