// SPDX-License-Identifier: Apache-2.0
// The tool on a terminal: a view that fits it, nothing but lines if the terminal is dumb, and tables of its width.
#include "terminal.hpp"
#include "shell.hpp"
#include "tinysparse/base/text.hpp"
#include <cstdint>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <initializer_list>
#include <optional>

using namespace tinysparse;
using namespace tinysparse::cli;
using testing::skipped;

namespace {

/// A variable of the environment that is another one as long as this lives.
class Variable {
  public:
    Variable(const char* name, const char* value) : name_(name) {
        if (const char* const before = std::getenv(name)) before_ = before;
        if (value)
            setenv(name, value, 1);
        else
            unsetenv(name);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
    ~Variable() {
        if (before_)
            setenv(name_, before_->c_str(), 1);
        else
            unsetenv(name_);
    }

  private:
    const char* name_;
    std::optional<std::string> before_;
};

/// All that a line for /bin/sh writes to a terminal of that many columns, as both of its outputs; $TOOL in it is the
/// tool.
std::string on_terminal(const std::string& folder, const std::string& line, unsigned short columns) {
    const int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(terminal >= 0);
    REQUIRE(grantpt(terminal) == 0);
    REQUIRE(unlockpt(terminal) == 0);
    const int screen = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    REQUIRE(screen >= 0);
    const winsize size{24, columns, 0, 0};
    REQUIRE(ioctl(screen, TIOCSWINSZ, &size) == 0);
    const std::string script = text("cd '", folder, "'; TOOL='", TINYSPARSE_TOOL, "'; ", line);
    const pid_t child = fork();
    if (child == 0) {
        dup2(screen, STDOUT_FILENO);
        dup2(screen, STDERR_FILENO);
        close(screen);
        close(terminal);
        execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
        _exit(127);
    }
    close(screen);
    std::string written;
    char bytes[4096];
    for (ssize_t got; (got = read(terminal, bytes, sizeof bytes)) > 0;) written.append(bytes, std::size_t(got));
    close(terminal);
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WEXITSTATUS(status) == 0);
    return written;
}

const std::string search_12 = "$TOOL search --data synthetic:strokes,samples=150 --objectives paper --target none "
                              "--trials 12 --jobs 1 --out ";

/// What a terminal shows of the text: escape sequences (ESC [ ... letter) taken out, line by line.
std::vector<std::string> shown_lines(const std::string& written) {
    std::string plain;
    for (std::size_t at = 0; at < written.size(); ++at) {
        if (written[at] != '\x1b') {
            plain += written[at] == '\r' ? '\n' : written[at];
            continue;
        }
        while (at < written.size() && !std::isalpha(std::uint8_t(written[at]))) ++at;
    }
    return split(plain, '\n');
}

} // namespace

TEST_CASE("the locale says whether UTF-8 is shown, by the first variable that is set") {
    const Variable all("LC_ALL", nullptr), type("LC_CTYPE", nullptr), language("LANG", nullptr);
    CHECK_FALSE(shows_utf8());
    for (const auto& [locale, utf8] :
         {std::pair("C", false), {"C.UTF-8", true}, {"de_DE.utf8", true}, {"en_GB.ISO-8859-1", false}}) {
        const Variable set("LANG", locale);
        CHECK(shows_utf8() == utf8);
        const Variable over("LC_ALL", utf8 ? "C" : "C.UTF-8");
        CHECK(shows_utf8() != utf8);
    }
}

TEST_CASE("tables are as wide as COLUMNS says; NO_COLOR counts unless it is empty") {
    for (const auto& [columns, width] : {std::pair("80", std::size_t{80}), {"120", std::size_t{120}}}) {
        const Variable set("COLUMNS", columns);
        CHECK(table_width() == width);
    }
    for (const char* value : {"1", "0"}) {
        const Variable set("NO_COLOR", value);
        CHECK_FALSE(wants_colours());
    }
    const Variable empty("NO_COLOR", "");
    CHECK(wants_colours());
}

TEST_CASE("on a terminal a search shows a view that is never wider than it, with the colours and signs it can show") {
    if (skipped()) return;
    const ScratchFolder folder;
    const Variable columns("COLUMNS", nullptr), all("LC_ALL", "C.UTF-8"), no_color("NO_COLOR", nullptr);
    for (const std::uint16_t width : std::initializer_list<std::uint16_t>{20, 40, 80, 120}) {
        CAPTURE(width);
        const std::string out =
            on_terminal(folder.path(), text("TERM=xterm ", search_12, "run", width, " >out"), width);
        CHECK(out.find("\x1b[K") != std::string::npos);
        CHECK(out.ends_with("\x1b[J") == false); // the last words are no view
        bool seen = false;
        for (const std::string& line : shown_lines(out)) {
            if (line.starts_with("tinysparse: ") || line.starts_with("    ")) continue;
            CHECK(report::characters(line) < width);
            seen = seen || line.find(" %") != line.npos;
        }
        CHECK(seen);
    }
    const std::string coloured = on_terminal(folder.path(), "TERM=xterm " + search_12 + "coloured >out", 80);
    CHECK(coloured.find("\x1b[32m[") != std::string::npos);
    const std::string plain = on_terminal(folder.path(), "NO_COLOR=1 TERM=xterm " + search_12 + "plain >out", 80);
    CHECK(plain.find("\x1b[32m") == std::string::npos);
    CHECK(plain.find("\x1b[K") != std::string::npos);
    const std::string ascii = on_terminal(folder.path(), "LC_ALL=C TERM=xterm " + search_12 + "ascii >out", 80);
    for (const char letter : ascii) CHECK(std::uint8_t(letter) < 0x80);
}

TEST_CASE("with TERM=dumb, without TERM and with --quiet nothing is drawn") {
    if (skipped()) return;
    const ScratchFolder folder;
    for (const char* term : {"TERM=dumb ", "TERM= "}) {
        CAPTURE(term);
        const std::string out = on_terminal(folder.path(), text(term, search_12, "run", term[5] == 'd', " >out"), 80);
        CHECK(out.find('\x1b') == std::string::npos);
        CHECK(out.find("tinysparse: trial ") != std::string::npos);
    }
    CHECK(on_terminal(folder.path(), "TERM=xterm " + search_12 + "quiet --quiet >out", 80).empty());
}

TEST_CASE("the tables of front, show and eval fit the terminal and are whole in a pipe") {
    if (skipped()) return;
    const ScratchFolder folder;
    const Variable columns("COLUMNS", nullptr);
    REQUIRE(testing::shell(folder.path(), search_12 + "run --quiet").status == 0);
    for (const std::string& command : {std::string("front run"), std::string("show run#best"),
                                       std::string("eval run#best --data synthetic:strokes,samples=150")}) {
        const std::string line = "$TOOL " + command + " 2>error";
        const std::string piped = testing::shell(folder.path(), line).out;
        for (const std::uint16_t width : std::initializer_list<std::uint16_t>{80, 120}) {
            CAPTURE(command);
            CAPTURE(width);
            const std::string out = replaced(on_terminal(folder.path(), line, width), "\r\n", "\n");
            for (const std::string& one : split(out, '\n')) // the command is whole, so that it can be copied
                if (one.find("tinysparse search ") == one.npos) CHECK(report::longest_line(one) <= width);
            if (report::longest_line(piped) <= width) CHECK(out == piped);
        }
    }
}
