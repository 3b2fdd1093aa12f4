// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/base/file_lock.hpp"
#include <doctest/doctest.h>
#include <filesystem>
#include <memory>

using namespace tinysparse;

TEST_CASE("one at a time holds the lock of a file, until it lets go") {
    const ScratchFolder folder;
    const std::string path = folder.path() + "/lock";
    auto first = std::make_unique<FileLock>();
    FileLock second;
    CHECK(first->try_lock(path));
    CHECK_FALSE(second.try_lock(path));
    first.reset();
    CHECK(second.try_lock(path));
}

TEST_CASE("a lock is that of the file that has the name now") {
    const ScratchFolder folder;
    const std::string path = folder.path() + "/lock";
    FileLock first, second, third;
    REQUIRE(first.try_lock(path));
    std::filesystem::remove(path);
    CHECK(second.try_lock(path)); // of a new file
    CHECK_FALSE(third.try_lock(path));
}

TEST_CASE("a lock in a folder that is not there names the file") {
    FileLock lock;
    CHECK_THROWS_WITH_AS(lock.try_lock("/nowhere/lock"), doctest::Contains("/nowhere/lock: cannot write"), SystemError);
}
