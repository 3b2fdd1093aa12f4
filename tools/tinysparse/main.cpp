// SPDX-License-Identifier: Apache-2.0
// The command line tool: finds the subcommand, turns exceptions into one line and an exit status.
#include <algorithm>
#include <csignal>
#include <exception>
#include <new>

#include "../standard_descriptors.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "completion.hpp"
#include "help.hpp"
#include "man.hpp"
#include "tinysparse/base/files.hpp"
#include "tinysparse/data/spec.hpp"

namespace tinysparse::cli {

namespace {

Command completion_command() {
    return {"completion",
            "Print a script that completes command lines in a shell.",
            {{"SHELL", "Shell: bash, zsh or fish.", {"bash", "zsh", "fish"}}},
            {},
            "source <(tinysparse completion bash)",
            [](const Arguments& arguments) {
                const std::string& shell = arguments.positional(0);
                print_data(shell == "bash"  ? bash_completion(all_commands())
                           : shell == "zsh" ? zsh_completion(all_commands())
                                            : fish_completion(all_commands()));
                return 0;
            }};
}

Command man_command() {
    return {"man",
            "Print the manual page, for man or groff.",
            {},
            {{"output", "FILE", "Write the page to this file (standard output).", 'o'}},
            "tinysparse man -o tinysparse.1",
            [](const Arguments& arguments) {
                const std::string page = man_page(all_commands());
                if (const auto path = arguments.value("output")) {
                    check_output(*path);
                    write_file(*path, page);
                } else {
                    print_data(page);
                }
                return 0;
            }};
}

int run_command(const std::vector<std::string>& words) {
    if (words.empty()) throw UsageError("a command is needed, such as search or front; see tinysparse --help");
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        print(words.size() > 1 && words[0] == "help" ? help(find_command(all_commands(), words[1]))
                                                     : help(all_commands()));
        return 0;
    }
    if (words[0] == "--version") {
        print(version_text());
        return 0;
    }
    if (words[0].starts_with('-'))
        for (const Command& command : all_commands())
            if (std::find(words.begin(), words.end(), command.name) != words.end())
                throw UsageError(text("the command stands before its options: tinysparse ", command.name, " ", words[0],
                                      " ...; see tinysparse ", command.name, " --help"));
    const Command& command = find_command(all_commands(), words[0]);
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    for (const std::string& word : rest) {
        if (word == "--") break;
        if (word == "--help" || word == "-h") {
            print(help(command));
            return 0;
        }
    }
    return command.run(parse(command, rest));
}

} // namespace

const std::vector<Command>& all_commands() {
    static const std::vector<Command> commands = {
        search_command(), front_command(),      report_command(), repair_command(),   show_command(),   train_command(),
        eval_command(),   classify_command(),   export_command(), simulate_command(), device_command(), data_command(),
        bench_command(),  completion_command(), man_command(),    version_command()};
    return commands;
}

} // namespace tinysparse::cli

int main(int count, char** words) {
    using namespace tinysparse;
    open_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN); // a closed pipe is an error of print(), not a sudden death
    std::signal(SIGXFSZ, SIG_IGN); // so is a file that grows beyond what is allowed
    try {
        return cli::run_command({words + 1, words + count});
    } catch (const cli::UsageError& error) {
        cli::say(error.what());
        return 2;
    } catch (const data::SpecError& error) {
        cli::say(error.what());
        return 2;
    } catch (const std::bad_alloc&) {
        cli::say("out of memory; use a smaller data set (limit=N) or fewer --jobs");
    } catch (const std::exception& error) {
        cli::say(error.what());
    }
    return 1;
}
