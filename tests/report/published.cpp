// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/report/published.hpp"
#include "tinysparse/base/files.hpp"
#include <doctest/doctest.h>

using namespace tinysparse;
using namespace tinysparse::report;
using search::Measure;

TEST_CASE("published networks belong to their data and their task alone") {
    search::RunHead head;
    head.space.classes = 10;
    head.data_digest = published_tasks[0].digest;
    const std::vector<Published> mnist = published_for(head);
    REQUIRE(mnist.size() == 2);
    CHECK(mnist[0].name == "SpArSe");
    CHECK(mnist[0].error == 0.0136);
    head.space.classes = 2;
    CHECK(published_for(head).empty());
    head.space.classes = 10;
    head.error = judge::ErrorKind::balanced;
    CHECK(published_for(head).empty());
    head.error = judge::ErrorKind::plain;
    head.data_digest ^= 1;
    CHECK(published_for(head).empty());
}

TEST_CASE("every published network has a task, and sizes in the units of the paper alone") {
    for (const Published& network : published_networks) {
        CHECK(std::any_of(std::begin(published_tasks), std::end(published_tasks),
                          [&](const PublishedTask& task) { return task.name == network.task; }));
        CHECK(published_value(network, Measure::paper_model_size).has_value());
        for (const Measure other : {Measure::weight_bytes, Measure::model_size, Measure::flash, Measure::nonzeros})
            CHECK_FALSE(published_value(network, other));
    }
}

TEST_CASE("docs/paper.md has the same figures") {
    const std::string page = read_file(std::string(TINYSPARSE_SOURCE_DIR) + "/docs/paper.md");
    for (const Published& network : published_networks) {
        CAPTURE(network.name);
        const std::string accuracy = fixed_decimals(100 * (1 - network.error), 2) + " %";
        const double bytes = network.model_size.value();
        const std::string kilobytes = fixed_decimals(bytes / 1024, 2) + " KB", plain = text(bytes, " B, weights alone");
        bool found = false;
        for (const std::string& line : split(page, '\n'))
            found = found || (line.find(text(network.name)) != line.npos && line.find(accuracy) != line.npos &&
                              (line.find(kilobytes) != line.npos || line.find(plain) != line.npos));
        CHECK(found);
    }
}

TEST_CASE("the table of published networks names their sources") {
    search::RunHead head;
    head.data_digest = published_tasks[0].digest;
    const std::string table = report::detail::published_table(published_for(head));
    CHECK(table.find("<td>98.64</td><td>2 836</td><td>2 007</td><td>Fedorov, Adams") != table.npos);
    CHECK(table.find("<td>99.19</td><td>480</td><td>-</td><td>Liberis") != table.npos);
    CHECK(report::detail::published_table({}).empty());
    const json::Value list = report::detail::published_json(published_for(head));
    CHECK(
        json::write((*list.array())[0]).find("\"values\":{\"paper_model_size\":2836,\"paper_working_memory\":2007}") !=
        std::string::npos);
}
