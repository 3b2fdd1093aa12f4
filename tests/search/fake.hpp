// SPDX-License-Identifier: Apache-2.0
// An evaluator without networks: errors that fall with size and epochs, real costs by counting, in microseconds.
#pragma once
#include "tinysparse/search/evaluator.hpp"
#include "tinysparse/search/run_folder.hpp"
#include <atomic>
#include <cstdio>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <unistd.h>

namespace tinysparse::search {

struct SearchResult; // search.hpp, which only those include who search

} // namespace tinysparse::search

namespace tinysparse::search::test {

/// A folder of its own that goes away with the test; in memory where there is a place for that, since a journal waits
/// for the disk at every line.
class Folder {
  public:
    explicit Folder(const std::string& name)
        : path_(((std::filesystem::exists("/dev/shm") ? std::filesystem::path("/dev/shm")
                                                      : std::filesystem::temp_directory_path()) /
                 text("tinysparse_", name, "_", ::getpid()))
                    .string()) {
        std::filesystem::remove_all(path_);
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

/// search(), compiled once for all tests of it.
SearchResult run_search(const RunFolder& folder, const RunLog& log, const Evaluator& evaluator,
                        const Hooks& hooks = {});

Measures fake_costs(const space::Space& space, const space::Genome& genome);

double fake_error(const space::Space& space, const Trial& trial);

void write_fake_model(const std::string& path);

Evaluator fake_evaluator(const space::Space& space);

RunLog new_run(std::size_t trials, int jobs, std::uint64_t seed = 1);

/// A chip on which flash is 8 % more than predicted, and time up to 20 % more or less, as a network's size has it. Its
/// models tell what was predicted of them, so that another process can measure them, too.
struct FakeChip {
    std::atomic<std::size_t> measurements = 0;

    static Measures predicted(Measures costs);
    static Measures told(const Measures& predicted);
    /// The same of a model that the evaluator wrote.
    static Measures told_of(const std::string& model);
};

/// As fake_evaluator(), with a chip.
Evaluator chip_evaluator(const space::Space& space, const std::shared_ptr<FakeChip>& chip);

/// A run whose objectives and limits are those of a chip. Some networks break them by what it tells alone.
RunLog chip_run(std::size_t trials, int jobs, Measuring measuring);

/// The journal's lines without what depends on the clock.
std::vector<std::string> timeless_lines(const std::string& folder);

} // namespace tinysparse::search::test
