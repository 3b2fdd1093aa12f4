// SPDX-License-Identifier: Apache-2.0
// Completion scripts for bash, zsh and fish, printed from the table of commands.
//   source <(tinysparse completion bash)
#pragma once
#include <string>
#include <vector>

#include "arguments.hpp"

namespace tinysparse::cli {

namespace detail {

inline std::string option_words(const Command& command) {
    std::vector<std::string> words{"--help"};
    for (const Option& option : command.options) words.push_back(text("--", option.name));
    return join(words, " ");
}

inline std::string quoted(std::string_view sentence) {
    std::string out = "'";
    for (const char letter : sentence) out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    return out + "'";
}

} // namespace detail

/// Completes commands, options, and values that the table lists; files for other values.
inline std::string bash_completion(const std::vector<Command>& commands) {
    std::vector<std::string> names;
    std::string options, values;
    for (const Command& command : commands) {
        names.push_back(command.name);
        options += text("        ", command.name, ") words=\"", detail::option_words(command), "\" ;;\n");
        for (const Option& option : command.options)
            if (!option.choices.empty())
                values += text("        ", command.name, ":--", option.name, ") words=\"", join(option.choices, " "),
                               "\" ;;\n");
        for (const Positional& positional : command.positionals)
            if (!positional.choices.empty())
                values += text("        ", command.name, ":", command.name, ") words=\"", join(positional.choices, " "),
                               "\" ;;\n");
    }
    return text(
        "_tinysparse() {\n"
        "    local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" words=\"\"\n"
        "    if [ \"$previous\" = = ]; then previous=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n" // --target=u: 3 words
        "    if [ \"$current\" = = ]; then current=\"\"; fi\n"
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then words=\"",
        join(names, " "),
        " --help --version\"\n"
        "    else case \"${COMP_WORDS[1]}:$previous\" in\n",
        values, "    *) case \"$current\" in -*) case \"${COMP_WORDS[1]}\" in\n", options,
        "    esac ;; esac ;;\n"
        "    esac; fi\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
        "}\n"
        "complete -o default -F _tinysparse tinysparse\n");
}

inline std::string zsh_completion(const std::vector<Command>& commands) {
    return "autoload -U +X bashcompinit && bashcompinit\n" + bash_completion(commands);
}

inline std::string fish_completion(const std::vector<Command>& commands) {
    std::string out;
    for (const Command& command : commands) {
        out += text("complete -c tinysparse -n __fish_use_subcommand -f -a ", command.name, " -d ",
                    detail::quoted(command.summary), "\n");
        const std::string here = text("complete -c tinysparse -n '__fish_seen_subcommand_from ", command.name, "'");
        for (const Option& option : command.options) {
            out += text(here, " -l ", option.name);
            if (option.letter) out += text(" -s ", option.letter);
            if (!option.choices.empty())
                out += text(" -x -a ", detail::quoted(join(option.choices, " ")));
            else if (!option.value.empty())
                out += " -r";
            out += text(" -d ", detail::quoted(option.help), "\n");
        }
        for (const Positional& positional : command.positionals)
            if (!positional.choices.empty())
                out += text(here, " -f -a ", detail::quoted(join(positional.choices, " ")), "\n");
    }
    return out;
}

} // namespace tinysparse::cli
