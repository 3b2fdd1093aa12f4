// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/files.hpp"
#include "error_of.hpp"
#include <csignal>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>

using namespace tinysparse;
using testing::error_of;
namespace fs = std::filesystem;

namespace {
std::size_t files_in(const std::string& folder) {
    return std::size_t(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}
mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}
ino_t inode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_ino;
}
} // namespace

TEST_CASE("a file comes back as it was written, and nothing else is left in the folder") {
    const ScratchFolder folder;
    const std::string path = folder.path() + "/a.bin";
    for (const std::size_t size : {0u, 1u, 4096u, 300000u}) {
        std::string bytes(size, 'x');
        if (size) bytes[size / 2] = '\0';
        write_file(path, bytes);
        CHECK(read_file(path) == bytes);
    }
    write_file(path, "shorter");
    CHECK(read_file(path, 7) == "shorter");
    CHECK(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("what cannot be read or written is an Error with the path and the reason") {
    const ScratchFolder folder;
    const std::string missing = folder.path() + "/none", path = folder.path() + "/a";
    CHECK(error_of([&] { read_file(missing); }) == missing + ": cannot read: No such file or directory");
    CHECK(error_of([&] { read_file(folder.path()); }) == folder.path() + ": cannot read: Is a directory");
    write_file(path, "12345678");
    CHECK(error_of([&] { read_file(path, 7); }) ==
          path + ": the file has 8 bytes, at most 7 can be read here; is it the right file?");
    CHECK(error_of([&] { read_file("/dev/zero", 100); }) ==
          "/dev/zero: the file has more than 100 bytes, at most 100 can be read here; is it the right file?");
    CHECK(error_of([&] { write_file(missing + "/b", "x"); }) ==
          missing + "/b: cannot write: No such file or directory");
    CHECK(error_of([&] { write_file(folder.path(), "x"); }) == folder.path() + ": cannot write: Is a directory");
    CHECK(error_of([&] { append_line(missing + "/b", "x"); }) ==
          missing + "/b: cannot write: No such file or directory");
    CHECK(error_of([&] { make_folder(path); }) == path + ": cannot make the folder: a file has this name");
    CHECK(error_of([&] { make_folder(path + "/b"); }) == path + ": cannot make the folder: a file has this name");
}

TEST_CASE("lines are appended and folders are made as deep as asked") {
    const ScratchFolder folder;
    const std::string deep = folder.path() + "/x/y/z";
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
    const ScratchFolder folder;
    try {
        read_file(folder.path() + "/none");
        FAIL("there is no such file");
    } catch (const SystemError& error) {
        CHECK(error.code() == ENOENT);
    }
    if (!fs::exists("/dev/full")) return;
    CHECK(error_of([&] { append_line("/dev/full", "x"); }) ==
          "/dev/full: cannot write: No space left on device; make room on the disk");
}

TEST_CASE("a line that does not fit leaves the file as it was, or no file") {
    const ScratchFolder folder;
    const std::string path = folder.path() + "/log";
    append_line(path, "first");
    const pid_t child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN); // writes beyond the limit then fail, after a part that fits
        const rlimit limit{10, 10};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        const std::string said = error_of([&] { append_line(path, "the second"); });
        error_of([&] { append_line(folder.path() + "/new", "longer than ten"); });
        ::_exit(said == path + ": cannot write: File too large; raise the largest size of files, ulimit -f" ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(read_file(path) == "first\n");
    CHECK_FALSE(fs::exists(folder.path() + "/new"));
}

TEST_CASE("a new file has the mode that the mask leaves, a replaced one its own") {
    const ScratchFolder folder;
    const std::string path = folder.path() + "/a";
    for (const mode_t mask : {mode_t(0022), mode_t(0077), mode_t(0)}) {
        const mode_t before = ::umask(mask);
        write_file(path, "x");
        ::umask(before);
        CHECK(mode_of(path) == (0666 & ~mask));
        ::unlink(path.c_str());
    }
    for (const mode_t mode : {mode_t(0600), mode_t(0755), mode_t(0664), mode_t(0400 | 0200 | 0002)}) {
        write_file(path, "old");
        REQUIRE(::chmod(path.c_str(), mode) == 0);
        const ino_t inode = inode_of(path);
        write_file(path, "new");
        CHECK(mode_of(path) == mode);
        CHECK(inode_of(path) != inode); // replaced as a whole, never half-written
        CHECK(read_file(path) == "new");
    }
    CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a replaced file keeps its owner where this process may give files away") {
    if (::geteuid() != 0) return;
    const ScratchFolder folder;
    const std::string path = folder.path() + "/a";
    write_file(path, "old");
    REQUIRE(::chown(path.c_str(), 12, 34) == 0);
    REQUIRE(::chmod(path.c_str(), 04750) == 0);
    write_file(path, "new");
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    CHECK(status.st_uid == 12);
    CHECK(status.st_gid == 34);
    CHECK(mode_of(path) == 04750);
}

TEST_CASE("of a link the file that it names is written, there or not there yet") {
    const ScratchFolder folder;
    const std::string far = folder.path() + "/far", link = folder.path() + "/link", file = far + "/file";
    make_folder(far);
    fs::create_symlink("far/file", link);                  // dangling, and not absolute
    fs::create_symlink(link, folder.path() + "/link_two"); // a link to a link
    write_file(link, "one");
    CHECK(read_file(file) == "one");
    write_file(folder.path() + "/link_two", "two");
    CHECK(read_file(file) == "two");
    CHECK(fs::is_symlink(link));
    CHECK(fs::is_symlink(folder.path() + "/link_two"));
    CHECK(files_in(far) == 1);
    fs::create_directory_symlink("far", folder.path() + "/folder");
    write_file(folder.path() + "/folder/../far/other", "three");
    CHECK(read_file(far + "/other") == "three");
    fs::create_symlink("circle", folder.path() + "/circle");
    CHECK(error_of([&] { write_file(folder.path() + "/circle", "x"); }) ==
          folder.path() + "/circle: cannot write: Too many levels of symbolic links");
    fs::create_symlink("none/file", folder.path() + "/nowhere");
    CHECK(error_of([&] { write_file(folder.path() + "/nowhere", "x"); }) ==
          folder.path() + "/nowhere: cannot write: No such file or directory");
    fs::create_symlink("far", folder.path() + "/to_folder");
    CHECK(error_of([&] { write_file(folder.path() + "/to_folder", "x"); }) ==
          folder.path() + "/to_folder: cannot write: Is a directory");
}

TEST_CASE("another name of a file, a hard link, keeps the old content") {
    const ScratchFolder folder;
    write_file(folder.path() + "/a", "old");
    fs::create_hard_link(folder.path() + "/a", folder.path() + "/b");
    write_file(folder.path() + "/a", "new");
    CHECK(read_file(folder.path() + "/a") == "new");
    CHECK(read_file(folder.path() + "/b") == "old");
}

TEST_CASE("what is no regular file is written in place and stays what it is") {
    const ScratchFolder folder;
    SUBCASE("a pipe with a name") {
        const std::string pipe = folder.path() + "/pipe";
        REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
        std::string got;
        std::thread reader([&] { got = read_file(pipe); });
        write_file(pipe, "through");
        reader.join();
        CHECK(got == "through");
        CHECK(fs::is_fifo(pipe));
    }
    SUBCASE("a device, also for a user who could replace it") {
        const std::string link = folder.path() + "/null";
        fs::create_symlink("/dev/null", link);
        const ino_t inode = inode_of("/dev/null");
        write_file("/dev/null", "x");
        write_file(link, "x");
        CHECK(fs::is_character_file("/dev/null"));
        CHECK(inode_of("/dev/null") == inode);
        if (fs::exists("/dev/full"))
            CHECK(error_of([&] { write_file("/dev/full", "x"); }) ==
                  "/dev/full: cannot write: No space left on device; make room on the disk");
    }
    SUBCASE("a socket, which cannot be opened") {
        const std::string path = folder.path() + "/socket";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        REQUIRE(path.size() < sizeof address.sun_path);
        path.copy(address.sun_path, path.size());
        const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        CHECK(error_of([&] { write_file(path, "x"); }) == path + ": cannot write: No such device or address");
        CHECK(fs::is_socket(path));
        ::close(socket);
    }
    CHECK(files_in(folder.path()) <= 1);
}

TEST_CASE("an open descriptor is written where it stands, by each of its names") {
    if (!fs::exists("/proc/self/fd")) return;
    const ScratchFolder folder;
    const std::string path = folder.path() + "/a";
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    REQUIRE(::write(descriptor, "begin ", 6) == 6);
    const ino_t inode = inode_of(path);
    std::string due = "begin ";
    for (const std::string& name : {text("/dev/fd/", descriptor), text("/proc/self/fd/", descriptor),
                                    text("/proc/", ::getpid(), "/fd/", descriptor)}) {
        write_file(name, "more ");
        due += "more ";
        CHECK(read_file(path) == due);
    }
    CHECK(inode_of(path) == inode);
    fs::create_symlink(text("/dev/fd/", descriptor), folder.path() + "/link");
    write_file(folder.path() + "/link", "end");
    CHECK(read_file(path) == due + "end");
    ::close(descriptor);
    CHECK(error_of([&] { write_file(text("/dev/fd/", descriptor), "x"); }) ==
          text("/dev/fd/", descriptor, ": cannot write: Bad file descriptor"));
    CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("a name that waits beside the file is neither followed nor taken, and nothing is left after a failure") {
    const ScratchFolder folder;
    const std::string path = folder.path() + "/a", victim = folder.path() + "/victim";
    write_file(victim, "untouched");
    fs::create_symlink("victim", text(path, ".part", ::getpid()));
    fs::create_symlink("none", text(path, ".part", ::getpid(), ".1"));
    write_file(path, "x");
    CHECK(read_file(path) == "x");
    CHECK(read_file(victim) == "untouched");
    CHECK_FALSE(fs::exists(folder.path() + "/none"));
    CHECK(files_in(folder.path()) == 4);

    const std::string longest(255, 'n'), long_path = folder.path() + "/" + longest;
    write_file(long_path, "long");
    CHECK(read_file(long_path) == "long");
    CHECK(error_of([&] { write_file(long_path + "n", "x"); }).find("File name too long") != std::string::npos);
    CHECK(files_in(folder.path()) == 5);
}

TEST_CASE("a file without write permission is not replaced, though its folder is writable") {
    if (::geteuid() == 0) return; // whose permissions are not asked
    const ScratchFolder folder;
    const std::string path = folder.path() + "/a";
    write_file(path, "old");
    REQUIRE(::chmod(path.c_str(), 0400) == 0);
    CHECK(error_of([&] { write_file(path, "new"); }) == path + ": cannot write: Permission denied");
    CHECK(read_file(path) == "old");
    REQUIRE(::chmod(folder.path().c_str(), 0500) == 0);
    CHECK(error_of([&] { write_file(folder.path() + "/b", "new"); }) ==
          folder.path() + "/b: cannot write: Permission denied");
    REQUIRE(::chmod(folder.path().c_str(), 0700) == 0);
}

TEST_CASE("a scratch folder is new, closed to others, and gone with all in it") {
    std::string first;
    {
        const ScratchFolder one, two;
        first = one.path();
        CHECK(one.path() != two.path());
        CHECK(mode_of(first) == 0700);
        make_folder(first + "/deep/er");
        write_file(first + "/deep/er/file", "x");
    }
    CHECK_FALSE(fs::exists(first));
    try {
        const ScratchFolder third;
        first = third.path();
        throw Error("out");
    } catch (const Error&) {
    }
    CHECK_FALSE(fs::exists(first));
}
