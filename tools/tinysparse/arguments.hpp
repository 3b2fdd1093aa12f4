// SPDX-License-Identifier: Apache-2.0
// The command line: one table of commands and options drives parsing, hints, --help (help.hpp), the manual page
// (man.hpp) and shell completion (completion.hpp).
#pragma once
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tinysparse/base/amount.hpp"
#include "tinysparse/base/error.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::cli {

/// The command line itself is wrong: exit status 2.
class UsageError : public Error {
  public:
    using Error::Error;
};

struct Option {
    std::string name;                      ///< Without its dashes.
    std::string value;                     ///< Name of the value, such as "N"; empty for a switch.
    std::string help;                      ///< A sentence or two, with the default in parentheses.
    char letter = 0;                       ///< 'o' for -o, or 0.
    bool required = false;                 ///< Must be given.
    bool repeatable = false;               ///< May be given more than once.
    std::vector<std::string> choices = {}; ///< The values that are accepted; empty if any is.
    bool file = false;                     ///< Also accepts the path of a file: a word with a point or a slash.
    std::string (*meant)(std::string_view) = nullptr; ///< What a word that is no choice probably means, "" if nothing;
                                                      ///< null: the choice that is nearest().
};

struct Positional {
    std::string name; ///< As help shows it: "MODEL". The last of a command may be "FILE...": one or more.
    std::string help;
    std::vector<std::string> choices = {};
};

/// The number in digits, without an exponent: 0.000001 and not 1e-06.
inline std::string plain_number(double number) {
    char digits[400]; // the largest double has 309 digits before the point, the smallest 340 after it
    const auto result = std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed);
    return std::string(digits, result.ptr);
}

/// Options of other tools, and what they are called here; a command that has several of the names takes the first.
inline constexpr Synonym option_synonyms[] = {
    {"dataset", "data"},
    {"input", "data"},
    {"board", "target"},
    {"chip", "target"},
    {"device", "target"},
    {"mcu", "target"},
    {"time", "budget"},
    {"timeout", "budget"},
    {"duration", "budget"},
    {"iterations", "trials"},
    {"n-trials", "trials"},
    {"cores", "jobs"},
    {"parallel", "jobs"},
    {"threads", "jobs"},
    {"workers", "jobs"},
    {"cores", "threads"},
    {"jobs", "threads"},
    {"workers", "threads"},
    {"folder", "out"},
    {"output", "out"},
    {"folder", "output"},
    {"constraint", "limit"},
    {"max-latency", "max-ms"},
    {"max-time", "max-ms"},
    {"max-memory", "max-ram"},
    {"max-size", "max-flash"},
    {"no-pruning", "space FILE, with the line pruning.method = none in the file"},
    {"pruning", "prune"},
    {"lr", "learning-rate"},
    {"batch-size", "batch"},
    {"architecture", "net"},
    {"model", "net"},
    {"network", "net"},
    {"best", "pick best"},
};

/// Commands of other tools, and what they are called here.
inline constexpr Synonym command_synonyms[] = {
    {"predict", "classify"}, {"infer", "classify"},  {"inference", "classify"}, {"recognise", "classify"},
    {"test", "eval"},        {"evaluate", "eval"},   {"score", "eval"},         {"validate", "eval"},
    {"info", "show"},        {"inspect", "show"},    {"summary", "show"},       {"print", "show"},
    {"deploy", "export"},    {"convert", "export"},  {"compile", "export"},     {"generate", "export"},
    {"list", "front"},       {"results", "front"},   {"pareto", "front"},       {"pick", "front --pick best"},
    {"plot", "report"},      {"html", "report"},     {"fit", "train"},          {"nas", "search"},
    {"optimise", "search"},  {"optimize", "search"}, {"tune", "search"},        {"run", "search, simulate or device"},
    {"emulate", "simulate"}, {"benchmark", "bench"}, {"upload", "export"},      {"describe", "data or show"},
};

class Arguments;

struct Command {
    std::string name, summary;
    std::vector<Positional> positionals;
    std::vector<Option> options;
    std::string example; ///< Whole command lines that work as written, shown by --help.
    std::function<int(const Arguments&)> run;
};

/// The words of one command line, checked against the table of its command.
class Arguments {
  public:
    bool has(std::string_view option) const { return given_.contains(std::string(option)); }

    /// The value of an option, or nothing if it was not given.
    std::optional<std::string> value(std::string_view option) const {
        const auto found = given_.find(std::string(option));
        if (found == given_.end()) return std::nullopt;
        return found->second.back();
    }
    std::string value_or(std::string_view option, std::string_view fallback) const {
        return value(option).value_or(std::string(fallback));
    }
    /// All values of a repeatable option, in order.
    std::vector<std::string> values(std::string_view option) const {
        const auto found = given_.find(std::string(option));
        return found == given_.end() ? std::vector<std::string>{} : found->second;
    }
    const std::string& positional(std::size_t index) const { return positionals_.at(index); }
    /// The positionals from this one on, for the last of a command that may be repeated.
    std::vector<std::string> positionals_from(std::size_t index) const {
        return {positionals_.begin() + std::ptrdiff_t(std::min(index, positionals_.size())), positionals_.end()};
    }

    /// The value of an option as a number from low to high, or nothing if it was not given.
    template <class Number>
    std::optional<Number> number(std::string_view option, Number low = std::numeric_limits<Number>::lowest(),
                                 Number high = std::numeric_limits<Number>::max()) const {
        const std::optional<std::string> word = value(option);
        if (!word) return std::nullopt;
        const std::optional<Number> number = parse_number<Number>(*word);
        if (!number || !(*number >= low && *number <= high))
            throw UsageError(text("--", option, " ", *word, ": expected a ", whole<Number>(), " from ", plain(low),
                                  " to ", plain(high)));
        return number;
    }
    template <class Number>
    Number number_or(std::string_view option, Number fallback, Number low = std::numeric_limits<Number>::lowest(),
                     Number high = std::numeric_limits<Number>::max()) const {
        return number<Number>(option, low, high).value_or(fallback);
    }

    const std::vector<std::string>& words() const { return words_; } ///< The command line, without the program.

  private:
    friend Arguments parse(const Command& command, const std::vector<std::string>& words);
    template <class Number> static std::string_view whole() {
        return std::numeric_limits<Number>::is_integer ? "whole number" : "number";
    }
    template <class Number> static std::string plain(Number number) {
        if constexpr (std::numeric_limits<Number>::is_integer)
            return text(number);
        else
            return plain_number(number);
    }
    std::map<std::string, std::vector<std::string>> given_;
    std::vector<std::string> positionals_, words_;
};

namespace detail {

/// What a word that is not known probably means: a synonym of a known word, or the nearest one; "" if there is neither.
template <std::size_t rows>
std::string meant(std::string_view word, const std::vector<std::string>& known, const Synonym (&synonyms)[rows]) {
    for (const Synonym& synonym : synonyms) {
        const std::string here(synonym.name_here.substr(0, synonym.name_here.find_first_of(" ,")));
        if (synonym.name == word && std::find(known.begin(), known.end(), here) != known.end())
            return std::string(synonym.name_here);
    }
    return nearest(word, known);
}

inline const Option& find_option(const Command& command, std::string_view word) {
    std::vector<std::string> known{"help"};
    for (const Option& option : command.options) {
        if (word == text("--", option.name) ||
            (option.letter && word.size() == 2 && word[0] == '-' && word[1] == option.letter))
            return option;
        known.push_back(option.name);
    }
    const std::string_view name = word.substr(std::min(word.find_first_not_of('-'), word.size()));
    const std::string near = meant(name, known, option_synonyms);
    throw UsageError(text("unknown option ", word, near.empty() ? "; " : text("; did you mean --", near, "? "),
                          "see tinysparse ", command.name, " --help"));
}

/// "Model file, or RUN#ID." as a part of a longer sentence: "model file, or RUN#ID".
inline std::string in_sentence(std::string help) {
    if (help.ends_with('.')) help.pop_back();
    return help.empty() ? help : lower_case(help.substr(0, 1)) + help.substr(1);
}

inline void check_choice(const std::string& what, const std::string& word, const std::vector<std::string>& choices) {
    if (choices.empty() || std::find(choices.begin(), choices.end(), word) != choices.end()) return;
    throw UsageError(not_known(what, word, choices));
}

/// What may have been meant by a word that is one too many, as the end of a message: an option without its dashes, the
/// data without --data, or a unit apart from its number. Empty if it looks like none of these.
inline std::string meant_by(const Command& command, const std::vector<std::string>& words, const std::string& word,
                            bool has_data) {
    const std::string name = word.substr(0, word.find('='));
    for (const Option& option : command.options) {
        if (option.name == name && !option.value.empty()) return text("; did you mean --", word, "?");
        if (option.name == "data" && !has_data && word.starts_with("synthetic:"))
            return text("; did you mean --data ", word, "?");
        if (option.name == "beside") return text("; did you mean --beside ", word, "?");
    }
    const auto at = std::find(words.begin(), words.end(), word);
    const bool follows_number = at != words.begin() && at != words.end() && parse_number<double>(*(at - 1));
    for (const Unit& unit : amount_units)
        if (follows_number && unit.name == lower_case(word))
            return text("; write ", *(at - 1), word, " without a space");
    return "";
}

inline void check_choice(const Option& option, const std::string& word) {
    const std::string what = text("--", option.name);
    if (!option.file) return check_choice(what, word, option.choices);
    const bool listed = std::find(option.choices.begin(), option.choices.end(), word) != option.choices.end();
    if (listed || word.find_first_of("./") != word.npos) return;
    const std::string near = option.meant ? option.meant(word) : nearest(word, option.choices);
    throw UsageError(text(not_known(what, word, option.choices, near), ", or a file, such as ./", word, ".txt"));
}

/// Throws UsageError for "-data": a whole name behind a single dash.
inline void refuse_single_dash(const Command& command, const std::string& word) {
    const std::string name = word.substr(1, word.find('=') - 1);
    for (const Option& option : command.options)
        if (name.size() > 1 && option.name == name)
            throw UsageError(text("unknown option ", word, "; did you mean -", word, "?"));
}

/// Throws UsageError if a required option or a positional is missing, or if there are too many positionals.
inline void check_complete(const Command& command, const Arguments& arguments) {
    const std::string help = text("; see tinysparse ", command.name, " --help");
    for (const Option& option : command.options)
        if (option.required && !arguments.has(option.name))
            throw UsageError(text(command.name, " needs --", option.name, " ", option.value, help));
    const std::vector<std::string> given = arguments.positionals_from(0);
    for (std::size_t i = 0; i < command.positionals.size(); ++i) {
        const Positional& positional = command.positionals[i];
        if (i >= given.size() || given[i].empty())
            throw UsageError(text(command.name, " needs ", positional.name, ": ", in_sentence(positional.help), help));
        check_choice(positional.name, given[i], positional.choices);
    }
    const bool more = !command.positionals.empty() && command.positionals.back().name.ends_with("...");
    if (given.size() <= command.positionals.size() || more) return;
    const std::string& word = given[command.positionals.size()];
    const std::string hint = meant_by(command, arguments.words(), word, arguments.has("data"));
    throw UsageError(text("'", word, "' is one word too many", hint, hint.ends_with('?') ? " See" : "; see",
                          " tinysparse ", command.name, " --help"));
}

} // namespace detail

/// Reads `words`, which follow the command's name, by the command's table: --name value, --name=value, -o value,
/// -ovalue, switches and positionals in any order. After -- every word is positional. Throws UsageError.
inline Arguments parse(const Command& command, const std::vector<std::string>& words) {
    Arguments arguments;
    arguments.words_ = words;
    arguments.words_.insert(arguments.words_.begin(), command.name);
    bool only_positionals = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (only_positionals || word.size() < 2 || word[0] != '-') {
            arguments.positionals_.push_back(word);
            continue;
        }
        if (word == "--") {
            only_positionals = true;
            continue;
        }
        const bool is_long = word[1] == '-';
        const std::size_t end = is_long ? std::min(word.find('='), word.size()) : 2;
        if (!is_long) detail::refuse_single_dash(command, word);
        const Option& option = detail::find_option(command, word.substr(0, end));
        std::vector<std::string>& values = arguments.given_[option.name];
        if (!values.empty() && !option.repeatable) throw UsageError(text("--", option.name, " is given twice"));
        const bool attached = end < word.size();
        if (option.value.empty()) {
            if (attached) throw UsageError(text("--", option.name, " takes no value"));
            values.push_back("");
            continue;
        }
        const auto needs_value = [&option] {
            return UsageError(text("--", option.name, " needs a value: --", option.name, " ", option.value));
        };
        if (!attached && i + 1 == words.size()) throw needs_value();
        values.push_back(attached ? word.substr(end + (is_long ? 1 : 0)) : words[++i]);
        if (values.back().empty()) throw needs_value();
        detail::check_choice(option, values.back());
    }
    detail::check_complete(command, arguments);
    return arguments;
}

/// The command of that name. Throws UsageError with the nearest name.
inline const Command& find_command(const std::vector<Command>& commands, std::string_view name) {
    std::vector<std::string> known;
    for (const Command& command : commands) {
        if (command.name == name) return command;
        known.push_back(command.name);
    }
    const std::string near = detail::meant(name, known, command_synonyms);
    throw UsageError(text("unknown command ", name, near.empty() ? "" : "; did you mean " + near + "?",
                          near.empty() ? "; see tinysparse --help" : " See tinysparse --help"));
}

} // namespace tinysparse::cli
