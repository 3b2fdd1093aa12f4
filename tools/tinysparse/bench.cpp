// SPDX-License-Identifier: Apache-2.0
// tinysparse bench: measures speed and quality of parts of the library on this machine.
#if TINYSPARSE_HAS_SIMULATOR
#include "../bench/device.hpp"
#endif
#include "../bench/gp.hpp"
#include "../bench/hypervolume.hpp"
#include "../bench/kernels.hpp"
#include "../bench/mobo.hpp"
#include "../bench/nas.hpp"
#include "../bench/prune.hpp"
#include "../bench/train.hpp"
#include "commands.hpp"
#include "common.hpp"
#include "tinysparse/base/rows.hpp"
#include "tinysparse/report/table.hpp"

namespace tinysparse::cli {

namespace {

bench::Results device(const Arguments&) {
#if TINYSPARSE_HAS_SIMULATOR
    return bench::bench_device({.progress = say});
#else
    throw Error("this tinysparse was built without the simulator; install gcc-avr, avr-libc, libsimavr-dev and "
                "libelf-dev, and build it again");
#endif
}

bench::Results nas(const Arguments& arguments) {
    if (!arguments.has("tables"))
        throw UsageError("bench nas needs --tables DIR, the folder of nas_bench_macro_cifar10.csv and "
                         "nb201_val_latency.csv");
    bench::NasOptions options{.progress = say};
    options.tables = *arguments.value("tables");
    return bench::bench_nas(options);
}

int prune(const Arguments& arguments) {
    if (arguments.has("json")) throw UsageError("bench prune prints a table in Markdown, not JSON");
    bench::PruneBenchOptions options{.progress = say};
    options.epochs = arguments.number_or<int>("epochs", options.epochs, 2, 1000);
    print(bench::bench_prune(load_data(arguments.value_or("data", "synthetic:strokes")), options));
    return 0;
}

struct Bench {
    std::string_view name;
    bench::Results (*measure)(const Arguments&); ///< Null for prune, which prints a table of its own.
};
constexpr Bench benches[] = {
    {"device", device},
    {"gp", [](const Arguments&) { return bench::bench_gp({.progress = say}); }},
    {"hypervolume", [](const Arguments&) { return bench::bench_hypervolume({.progress = say}); }},
    {"kernels", [](const Arguments&) { return bench::bench_kernels({.progress = say}); }},
    {"mobo", [](const Arguments&) { return bench::bench_mobo({.progress = say}); }},
    {"nas", nas},
    {"prune", nullptr},
    {"train", [](const Arguments&) { return bench::bench_train({.progress = say}); }},
};

int run_bench(const Arguments& arguments) {
    const std::string& name = arguments.positional(0);
    const Bench& chosen = *row_named(benches, name);
    for (const auto& [option, own] : {std::pair("tables", "nas"), {"data", "prune"}, {"epochs", "prune"}})
        if (arguments.has(option) && name != own)
            throw UsageError(text("--", option, " is for bench ", own, ", not for ", name, "; leave it out"));
    if (!chosen.measure) return prune(arguments);
    const bench::Results results = chosen.measure(arguments);
    if (arguments.has("json")) {
        print_data(json::write(bench::document(name, results), 2) + "\n");
        return 0;
    }
    report::Table table =
        report::Table::of({{"<result"},
                           {"value"},
                           {"<unit"},
                           {"reference", "the figure of another library or of a paper, where one is known"}});
    for (const bench::Result& result : results)
        table.add({result.name, fixed_decimals(result.value, 4), result.unit,
                   result.reference ? fixed_decimals(*result.reference, 4) : ""});
    print(table.text() + table.legend());
    return 0;
}

} // namespace

Command bench_command() {
    return {"bench",
            "Measure speed or quality of a part of the library.",
            {{"NAME", "Part to measure.", names_of(benches)}},
            {{"tables", "DIR", "For nas: folder with the tables of NAS-Bench-Macro and NAS-Bench-201."},
             {"data", "SPEC", "For prune: data set (synthetic:strokes)."},
             {"epochs", "N", "For prune: epochs of each training (12)."},
             {"json", "", "Print one JSON document."}},
            "tinysparse bench hypervolume",
            run_bench};
}

} // namespace tinysparse::cli
