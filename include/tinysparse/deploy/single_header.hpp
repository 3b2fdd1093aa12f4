// SPDX-License-Identifier: Apache-2.0
// An exported header that stands alone: its #include is replaced by the parts of mcu/ that it uses, found by their
// names. They are in a namespace of their own, so that several such headers can be used in one program.
#pragma once
#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/zip.hpp"
#include "tinysparse/deploy/layer_text.hpp"
#include "tinysparse/deploy/source_parts.hpp"

namespace tinysparse::deploy {

namespace detail {

/// The headers of mcu/, each after those that it includes, and the parts of them that a text uses.
class UsedParts {
  public:
    UsedParts(std::string_view source, const std::vector<NamedFile>& headers) : headers_(headers) {
        for (const NamedFile& header : headers) add(header);
        needed_ = words_of(code_of(source));
        while (mark()) {
        }
    }

    /// The C library's headers that the parts need.
    std::string includes() const {
        std::set<std::string> lines;
        for (const SourceFile& file : files_)
            for (const std::string& line : file.includes)
                if (line.find('<') != line.npos) lines.insert(line + "\n");
        std::string out;
        for (const std::string& line : lines) out += line;
        return out;
    }

    std::string parts() const {
        std::string out;
        for (const SourceFile& file : files_) {
            const std::string outside = used(file.outside), inside = used(file.inside);
            if (outside.empty() && inside.empty()) continue;
            out += text("\n// ", file.path, "\n", file.comment, outside);
            if (inside.empty()) continue;
            const bool fast = file.fast;
            out += text(fast ? "TINYSPARSE_FAST_BEGIN\n" : "", "namespace mcu {\n", inside, "\n} // namespace mcu\n",
                        fast ? "TINYSPARSE_FAST_END\n" : "");
        }
        return out;
    }

  private:
    /// Puts a header after the headers that it includes.
    void add(const NamedFile& header) {
        if (!seen_.insert(header.path).second) return;
        SourceFile file = SourceReader(header).file();
        const std::string folder = header.path.substr(0, header.path.rfind('/') + 1);
        for (const std::string& line : file.includes) {
            if (line.find('"') == line.npos) continue;
            const std::string path = folder + split(line, '"').at(1);
            const auto other =
                std::find_if(headers_.begin(), headers_.end(), [&](const NamedFile& one) { return one.path == path; });
            if (other == headers_.end()) throw Error(text(header.path, " includes ", path, ", which is missing"));
            add(*other);
        }
        files_.push_back(std::move(file));
    }

    bool is_needed(const SourcePart& part) const {
        return std::any_of(part.names.begin(), part.names.end(), [&](const std::string& name) {
            if (needed_.contains(name)) return true;
            if (!part.macro) return false;
            // TINYSPARSE_SET_##count, where the name is pasted together: any macro that begins like this.
            return std::any_of(needed_.begin(), needed_.end(), [&](std::string_view word) {
                return word.ends_with('#') && name.starts_with(word.substr(0, word.size() - 1));
            });
        });
    }

    /// Marks the needed parts, and then the parts that those mention. Returns whether there was a new one.
    bool mark() {
        bool more = false;
        for (SourceFile& file : files_) {
            if (file.fast) needed_.insert({"TINYSPARSE_FAST_BEGIN", "TINYSPARSE_FAST_END"});
            for (std::vector<SourcePart>* parts : {&file.outside, &file.inside})
                for (SourcePart& part : *parts) {
                    if (part.used || part.conditional || !is_needed(part)) continue;
                    part.used = more = true;
                    needed_.insert(part.words.begin(), part.words.end());
                    for (SourcePart& line : *parts) // and the conditionals around it
                        if (line.conditional && std::find(part.within.begin(), part.within.end(), line.within.back()) !=
                                                    part.within.end()) {
                            line.used = true;
                            needed_.insert(line.words.begin(), line.words.end());
                        }
                }
        }
        return more;
    }

    static std::string used(const std::vector<SourcePart>& parts) {
        std::string out;
        for (const SourcePart& part : parts)
            if (part.used) out += part.source;
        return out;
    }

    const std::vector<NamedFile>& headers_;
    std::set<std::string> seen_, needed_;
    std::vector<SourceFile> files_;
};

} // namespace detail

/// A header of deploy::header() with the parts of `headers` that it uses. Throws Error if it is not such a header, or
/// if `headers` are incomplete.
inline std::string single_header(const std::string& header, const std::vector<NamedFile>& headers) {
    // Comments before it may hold any text, but no line of them begins like this.
    const std::string include = "\n#include \"tinysparse/mcu.hpp\"\n";
    const std::string alias = text("\nnamespace mcu = tinysparse::mcu::", detail::inline_namespace, ";\n");
    const std::size_t first = header.find(include), second = header.find(alias);
    if (first == header.npos || second == header.npos)
        throw Error("the text is no exported header: it does not include tinysparse/mcu.hpp");
    const std::string after = header.substr(second + alias.size());
    const detail::UsedParts used(after, headers);
    return text(header.substr(0, first), "\n", used.includes(),
                header.substr(first + include.size(), second - first - include.size()),
                "\n// The parts of tinysparse's kernels that the network uses.\n// SPDX-SnippetBegin\n"
                "// SPDX-License-Identifier: Apache-2.0\n",
                used.parts(), "// SPDX-SnippetEnd\n", after);
}

} // namespace tinysparse::deploy
