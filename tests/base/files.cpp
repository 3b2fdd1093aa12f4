// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/files.hpp"
#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace tinysparse;
namespace fs = std::filesystem;

namespace {
struct Folder {
    std::string path;
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "tinysparse-files-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path); }
};
std::string error_of(auto&& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}
} // namespace

TEST_CASE("a file comes back as it was written, and nothing else is left in the folder") {
    const Folder folder;
    const std::string path = folder.path + "/a.bin";
    for (const std::size_t size : {0u, 1u, 4096u, 300000u}) {
        std::string bytes(size, 'x');
        if (size) bytes[size / 2] = '\0';
        write_file(path, bytes);
        CHECK(read_file(path) == bytes);
    }
    write_file(path, "shorter");
    CHECK(read_file(path, 7) == "shorter");
    CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
}

TEST_CASE("what cannot be read or written is an Error with the path and the reason") {
    const Folder folder;
    const std::string missing = folder.path + "/none", path = folder.path + "/a";
    CHECK(error_of([&] { read_file(missing); }) == missing + ": cannot read: No such file or directory");
    CHECK(error_of([&] { read_file(folder.path); }) == folder.path + ": cannot read: Is a directory");
    write_file(path, "12345678");
    CHECK(error_of([&] { read_file(path, 7); }) ==
          path + ": the file has 8 bytes, at most 7 can be read here; is it the right file?");
    CHECK(error_of([&] { read_file("/dev/zero", 100); }) ==
          "/dev/zero: the file has more than 100 bytes, at most 100 can be read here; is it the right file?");
    CHECK(error_of([&] { write_file(missing + "/b", "x"); }) ==
          missing + "/b: cannot write: No such file or directory");
    CHECK(error_of([&] { write_file(folder.path, "x"); }) == folder.path + ": cannot write: Is a directory");
    CHECK(error_of([&] { append_line(missing + "/b", "x"); }) ==
          missing + "/b: cannot write: No such file or directory");
    CHECK(error_of([&] { make_folder(path); }) == path + ": cannot make the folder: Not a directory");
    CHECK(error_of([&] { make_folder(path + "/b"); }) == path + "/b: cannot make the folder: Not a directory");
}

TEST_CASE("lines are appended and folders are made as deep as asked") {
    const Folder folder;
    const std::string deep = folder.path + "/x/y/z";
    make_folder(deep);
    make_folder(deep);
    append_line(deep + "/log", "one");
    append_line(deep + "/log", "");
    append_line(deep + "/log", "two");
    CHECK(read_file(deep + "/log") == "one\n\ntwo\n");
}

TEST_CASE("a file of no announced size is read to its end") {
    if (!fs::exists("/proc/self/status")) return;
    CHECK(read_file("/proc/self/status").find("Name:") == 0);
}

TEST_CASE("what the machine refuses is a SystemError with its number, and what to do where there is something") {
    const Folder folder;
    try {
        read_file(folder.path + "/none");
        FAIL("there is no such file");
    } catch (const SystemError& error) {
        CHECK(error.code() == ENOENT);
    }
    if (!fs::exists("/dev/full")) return;
    CHECK(error_of([&] { append_line("/dev/full", "x"); }) ==
          "/dev/full: cannot write: No space left on device; make room on the disk");
}

TEST_CASE("a line that does not fit leaves the file as it was") {
    const Folder folder;
    const std::string path = folder.path + "/log";
    append_line(path, "first");
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN); // writes beyond the limit then fail, after a part that fits
        const rlimit limit{10, 10};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const std::string said = error_of([&] { append_line(path, "the second"); });
        ::_exit(said == path + ": cannot write: File too large; raise the largest size of files, ulimit -f" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(read_file(path) == "first\n");
}
