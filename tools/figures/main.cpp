// SPDX-License-Identifier: Apache-2.0
// Tables and plots of docs/results.md from the fronts in docs/results/, which tools/results writes.
#include <iostream>
#include <map>
#include <optional>

#include "../standard_descriptors.hpp"
#include "forest.hpp"
#include "tinysparse/base/files.hpp"

using namespace tinysparse;
using namespace tinysparse::figures;

namespace {

constexpr const char* usage =
    "figures chosen FRONTS.csv --within NAME=MOST[,NAME=MOST...] ... [--together NAME=VARIANT+VARIANT...] ...\n"
    "    Markdown tables of what the validation part chooses within bounds such as stored_bytes=480; --together: as "
    "one\n"
    "    variant more, the best of several\n"
    "figures parts FRONTS.csv --error E --bytes B [--size NAME] [--full VARIANT] [--svg FILE] [--seeds FILE]\n"
    "    A Markdown table of what each part of the search is worth: the hypervolume below error E, a share, and B "
    "bytes\n"
    "    (of column --size, stored_bytes) of variant --full (full) minus that of each other one, paired by seed;\n"
    "    --svg: the same as a forest plot; --seeds: the hypervolumes of all seeds as CSV\n";

/// Options, each with its values in order.
class Options {
  public:
    Options(int count, char** words, const std::vector<std::string>& known) {
        for (int i = 3; i < count; i += 2) {
            const std::string word = words[i];
            const bool is_known =
                word.starts_with("--") && std::find(known.begin(), known.end(), word.substr(2)) != known.end();
            if (!is_known) throw Error(text("unknown option ", word, "\n", usage));
            if (i + 1 == count) throw Error(text(word, " needs a value"));
            given_[word.substr(2)].emplace_back(words[i + 1]);
        }
    }
    const std::vector<std::string>& all(const std::string& name) { return given_[name]; }
    std::optional<std::string> value(const std::string& name) {
        return given_[name].empty() ? std::nullopt : std::optional(given_[name].back());
    }
    double number(const std::string& name) {
        const auto word = value(name);
        const auto number = word ? parse_number<double>(*word) : std::nullopt;
        if (!number) throw Error(text("--", name, word ? " " + *word : "", ": expected a number, such as 0.1"));
        return *number;
    }

  private:
    std::map<std::string, std::vector<std::string>> given_;
};

void chosen(const std::string& path, Options options) {
    std::vector<Run> runs = read_fronts(read_file(path), path);
    for (const std::string& word : options.all("together")) {
        const std::size_t at = word.find('=');
        if (at == word.npos) throw Error(text("--together ", word, ": expected NAME=VARIANT+VARIANT"));
        add_together(runs, word.substr(0, at), split(std::string_view(word).substr(at + 1), '+'));
    }
    std::vector<Bounds> within;
    for (const std::string& word : options.all("within")) within.push_back(parse_bounds(word));
    if (within.empty()) throw Error("chosen needs --within NAME=MOST, such as stored_bytes=480");
    std::cout << printable(chosen_tables(runs, within), true);
}

void parts(const std::string& path, Options options) {
    const std::vector<Run> runs = read_fronts(read_file(path), path);
    const std::string full = options.value("full").value_or("full");
    const std::string column = options.value("size").value_or(std::string(stored_column));
    if (!row_named(sizes, column))
        throw Error(text("--size ", column, ": expected one of ", join(names_of(sizes), ", ")));
    const Reference reference{options.number("error"), options.number("bytes"), column};
    const std::vector<Part> found = parts_of(runs, full, reference);
    if (const auto file = options.value("svg"))
        write_file(*file,
                   forest_plot(text(std::filesystem::path(path).stem().string(), ": ", full, " minus variant"), found));
    if (const auto file = options.value("seeds")) write_file(*file, parts_csv(runs, full, reference));
    std::cout << printable(parts_table(found, full, reference), true);
}

} // namespace

int main(int count, char** words) {
    open_standard_descriptors();
    try {
        const std::string verb = count > 1 ? words[1] : "--help";
        if (verb == "chosen" && count > 2)
            chosen(words[2], {count, words, {"within", "together"}});
        else if (verb == "parts" && count > 2)
            parts(words[2], {count, words, {"error", "bytes", "size", "full", "svg", "seeds"}});
        else {
            std::cerr << usage;
            return verb == "--help" ? 0 : 2;
        }
    } catch (const std::exception& error) {
        std::cerr << "figures: " << printable(error.what(), true) << "\n";
        return 1;
    }
    return std::cout.flush() ? 0 : 1;
}
