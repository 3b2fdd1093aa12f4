// SPDX-License-Identifier: Apache-2.0
// A header of mcu/, split into the parts at its outermost level: macros, declarations, and the conditionals around
// them. It is read as text; only names are understood.
#pragma once
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"
#include "tinysparse/base/zip.hpp"

namespace tinysparse::deploy::detail {

inline bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// The source with spaces in place of comments and literals; everything else keeps its place.
inline std::string code_of(std::string_view source) {
    std::string code(source);
    for (std::size_t at = 0; at < source.size();) {
        std::size_t end = at;
        if (source.substr(at, 2) == "//") {
            end = source.find('\n', at);
        } else if (source.substr(at, 2) == "/*") {
            end = source.find("*/", at + 2);
            if (end != source.npos) end += 2;
        } else if (source[at] == '"' || source[at] == '\'') {
            for (++end; end < source.size() && source[end] != source[at]; ++end) end += source[end] == '\\';
            ++end;
        } else {
            ++at;
            continue;
        }
        for (end = std::min(end, source.size()); at < end; ++at)
            if (code[at] != '\n') code[at] = ' ';
    }
    return code;
}

/// The identifiers of code; one that a macro continues by pasting ends in '#'.
inline std::set<std::string> words_of(std::string_view code) {
    std::set<std::string> words;
    for (std::size_t at = 0; at < code.size();) {
        std::size_t end = at;
        while (end < code.size() && is_word(code[end])) ++end;
        if (end > at && std::isdigit(static_cast<unsigned char>(code[at])) == 0) {
            const std::size_t next = std::min(code.find_first_not_of(' ', end), code.size());
            words.insert(text(code.substr(at, end - at), code.substr(next, 2) == "##" ? "#" : ""));
        }
        at = std::max(end, at + 1);
    }
    return words;
}

/// Position after the bracket that closes the first '<'.
inline std::size_t behind_angle_brackets(std::string_view code) {
    int angle = 0, round = 0;
    for (std::size_t at = std::min(code.find('<'), code.size()); at < code.size(); ++at) {
        round += code[at] == '(' ? 1 : code[at] == ')' ? -1 : 0;
        if (round > 0) continue; // inside round brackets, < is a comparison
        angle += code[at] == '<' ? 1 : code[at] == '>' ? -1 : 0;
        if (angle == 0) return at + 1;
    }
    return code.size();
}

/// The names that a declaration at the outermost level declares: a type, a function, a constant; all values of an
/// enumeration. A member that is defined outside its class counts as its class.
inline std::set<std::string> declared_names(std::string_view code) {
    const auto skip_spaces = [&] { code.remove_prefix(std::min(code.find_first_not_of(" \n"), code.size())); };
    const auto first_word = [&] {
        std::size_t end = 0;
        while (end < code.size() && is_word(code[end])) ++end;
        return code.substr(0, end);
    };
    for (skip_spaces(); first_word() == "template"; skip_spaces()) code.remove_prefix(behind_angle_brackets(code));
    const std::string_view kind = first_word();
    if (kind == "struct" || kind == "class" || kind == "enum") {
        code.remove_prefix(kind.size());
        skip_spaces();
        std::set<std::string> names = {std::string(first_word())};
        if (kind == "enum") names.merge(words_of(code.substr(std::min(code.find('{'), code.size()))));
        return names;
    }
    const bool alias = words_of(code.substr(0, code.find_first_of(";{"))).contains("typedef");
    std::string_view head = code.substr(0, code.find_first_of(alias ? ";" : "(=[{;"));
    const auto last_word = [&] {
        while (!head.empty() && !is_word(head.back())) head.remove_suffix(1);
        std::size_t begin = head.size();
        while (begin > 0 && is_word(head[begin - 1])) --begin;
        const std::string_view word = head.substr(begin);
        head = head.substr(0, begin);
        return std::string(word);
    };
    std::string name = last_word();
    if (!alias && head.ends_with("::")) {
        head.remove_suffix(2);
        if (head.ends_with('>')) head = head.substr(0, head.rfind('<'));
        name = last_word();
    }
    return {name};
}

/// A macro (its definition or #undef), a declaration with the comment before it, or a line of a conditional.
struct SourcePart {
    std::string source;              ///< Whole lines.
    std::set<std::string> names;     ///< Names that it defines; a conditional's line defines none.
    std::set<std::string> words;     ///< Names that it mentions.
    std::vector<std::size_t> within; ///< Indices of the conditionals around it; a conditional's line ends with its own.
    bool macro = false, conditional = false, used = false;
};

/// A header of mcu/ in parts.
struct SourceFile {
    std::string path, comment;               ///< comment: its purpose.
    std::vector<std::string> includes;       ///< As written in the source.
    std::vector<SourcePart> outside, inside; ///< Outside and inside the namespace.
    bool fast = false;                       ///< Compiled for speed.
    std::size_t conditionals = 0;
};

/// Reads a header line by line. Throws Error if a declaration or a conditional does not end.
class SourceReader {
  public:
    explicit SourceReader(const NamedFile& header)
        : lines_(split(header.content, '\n')), code_(split(code_of(header.content), '\n')) {
        file_.path = header.path;
        while (at_ < lines_.size()) read_line();
        if (!around_.empty()) throw Error(text(header.path, ": a conditional does not end"));
        for (std::vector<SourcePart>* parts : {&file_.outside, &file_.inside})
            for (SourcePart& part : *parts) {
                part.names = own(part.names);
                part.words = own(part.words);
            }
    }
    SourceFile file() && { return std::move(file_); }

  private:
    void read_line() {
        const std::string &line = lines_[at_], &code = code_[at_];
        const auto code_starts = [&](std::string_view with) { return code.starts_with(with); };
        if (code.find_first_not_of(' ') == code.npos) {
            const bool says = line.starts_with("//") && line.find("clang-format") == line.npos &&
                              line.find("SPDX-License") == line.npos;
            if (says) (guard_.empty() ? file_.comment : comment_) += line + "\n";
            if (line.empty()) gap_ = true;
            ++at_;
        } else if (code[0] == '#') {
            directive();
        } else if (code_starts("namespace ") || code_starts("inline namespace ")) {
            inside_ = true;
            ++at_;
        } else if (code_starts("}")) {
            ++at_;
        } else if (code_starts("TINYSPARSE_FAST_")) {
            file_.fast = true;
            ++at_;
        } else {
            declaration();
        }
    }

    void directive() {
        const std::string& code = code_[at_];
        const std::vector<std::string> words = split(code, ' ');
        const std::string& what = words[0];
        if (what == "#include") {
            file_.includes.push_back(lines_[at_++]);
        } else if (what == "#ifndef" && guard_.empty()) {
            guard_ = words.at(1);
            ++at_;
        } else if (what == "#define" && words.at(1) == guard_) {
            ++at_;
        } else if (what == "#endif" && around_.empty()) {
            ++at_; // end of the guard
        } else if (what == "#define" || what == "#undef") {
            if (what == "#undef") undefined_.insert(words.at(1));
            macro(words.at(1));
        } else {
            if (what.starts_with("#if")) around_.push_back(file_.conditionals++);
            SourcePart part;
            part.source = lines_[at_] + "\n";
            part.words = words_of(code.substr(what.size()));
            part.conditional = true;
            take(std::move(part));
            if (what == "#endif") around_.pop_back();
            ++at_;
        }
    }

    void macro(const std::string& word) {
        SourcePart part;
        part.macro = true;
        const std::string name = word.substr(0, word.find('('));
        part.names = {name};
        std::string body;
        for (bool more = true; more; ++at_) {
            more = lines_[at_].ends_with('\\');
            part.source += lines_[at_] + "\n";
            part.words.merge(words_of(code_[at_]));
            body += code_[at_].substr(0, code_[at_].size() - more) + "\n";
        }
        body.erase(0, body.find(word) + word.size());
        if (word.find('(') != word.npos && word.find(')') == word.npos) body.erase(0, body.find(')') + 1);
        macros_[name] = body;
        take(std::move(part));
    }

    void declaration() {
        SourcePart part;
        std::string code;
        const auto written_by = macros_.find(code_[at_].substr(0, code_[at_].find('('))); // macro that writes it
        for (int depth = 0;; ++at_) {
            if (at_ == lines_.size()) throw Error(text(file_.path, ": a declaration does not end: ", part.source));
            part.source += lines_[at_] + "\n";
            code += code_[at_] + "\n";
            if (code_[at_].starts_with('#')) continue;
            for (const char c : code_[at_]) depth += c == '{' || c == '(' ? 1 : c == '}' || c == ')' ? -1 : 0;
            const std::size_t last = code_[at_].find_last_not_of(' ');
            if (depth != 0 || last == std::string::npos) continue;
            if (code_[at_][last] == ';' || code_[at_][last] == '}' || written_by != macros_.end()) break;
        }
        ++at_;
        part.names = declared_names(written_by == macros_.end() ? code : written_by->second);
        part.words = words_of(code);
        take(std::move(part));
    }

    /// Macros that end with the file belong to it alone: other files may have some of the same names.
    std::set<std::string> own(const std::set<std::string>& words) const {
        std::set<std::string> out;
        for (const std::string& word : words)
            out.insert(undefined_.contains(word) ? text(word, "@", file_.path) : word);
        return out;
    }

    void take(SourcePart part) {
        part.within = around_;
        part.source = text(gap_ ? "\n" : "", comment_, part.source);
        comment_.clear();
        gap_ = false;
        (inside_ ? file_.inside : file_.outside).push_back(std::move(part));
    }

    std::vector<std::string> lines_, code_;
    std::map<std::string, std::string> macros_; ///< Their replacements.
    std::size_t at_ = 0;
    std::set<std::string> undefined_;
    std::string guard_, comment_;
    std::vector<std::size_t> around_; ///< The conditionals around the line.
    bool inside_ = false, gap_ = false;
    SourceFile file_;
};

} // namespace tinysparse::deploy::detail
