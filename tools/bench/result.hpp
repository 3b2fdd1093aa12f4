// SPDX-License-Identifier: Apache-2.0
// The results of a benchmark, the JSON document of `tinysparse bench NAME --json`, and the clock that all of them use.
#pragma once
#include <ctime>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tinysparse/base/json.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::bench {

struct Result {
    std::string name;
    double value;
    std::string unit;
    std::optional<double> reference{}; // result of another program, if known
};
using Results = std::vector<Result>;

/// Lines on the progress of a long benchmark, for standard error.
using Progress = std::function<void(const std::string&)>;

/// Processor time of this process in seconds; other programs on the machine do not count.
inline double cpu_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Processor time of the calling thread in seconds.
inline double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Processor model and number of cores, as reported by the system.
inline std::string machine() {
    std::string model = "unknown processor";
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) {
            model = line.substr(std::min(line.size(), line.find(':') + 2));
            break;
        }
    return text(model, ", ", std::thread::hardware_concurrency(), " cores");
}

/// The JSON document:
/// {"bench": .., "machine": .., "results": [{"name": .., "value": .., "unit": .., "reference": ..}]}.
inline json::Value document(std::string_view bench, const Results& results) {
    json::Array rows;
    for (const Result& result : results)
        rows.push_back(json::object({{"name", result.name},
                                     {"value", result.value},
                                     {"unit", result.unit},
                                     {"reference", json::Value(result.reference)}}));
    return json::object({{"bench", bench}, {"machine", machine()}, {"results", rows}});
}

} // namespace tinysparse::bench
