// SPDX-License-Identifier: Apache-2.0
#include "tinysparse/data/layout.hpp"
#include "helpers.hpp"
#include <doctest/doctest.h>

using namespace tinysparse::data;
using namespace testing;

namespace {
TableLayout layout_of(const std::vector<std::string>& files, bool has_labels, bool with_arrays = false) {
    const Folder folder;
    for (const std::string& file : files) folder.write(file, "1,2\n");
    return table_layout(folder.path, with_arrays, [&](const std::string&, bool) { return has_labels; });
}

/// "part class name" of each file.
std::vector<std::string> layout_lines(const TableLayout& layout) {
    std::vector<std::string> lines;
    for (const TableFile& file : layout.files)
        lines.push_back((file.part ? std::to_string(int(*file.part)) : "-") + " " + file.class_name.value_or("-") +
                        " " + file.name);
    return lines;
}
} // namespace

TEST_CASE("the five ways in which tables lie in a folder") {
    CHECK(layout_lines(layout_of({"train.csv", "test.csv"}, true)) ==
          std::vector<std::string>{"2 - test.csv", "0 - train.csv"});
    CHECK(layout_lines(layout_of({"exp01.csv", "exp02.tsv"}, true)) ==
          std::vector<std::string>{"- - exp01.csv", "- - exp02.tsv"});
    CHECK(layout_lines(layout_of({"idle.1.csv", "idle.2.csv", "punch.csv"}, false)) ==
          std::vector<std::string>{"- idle idle.1.csv", "- idle idle.2.csv", "- punch punch.csv"});
    CHECK(layout_lines(layout_of({"idle/a.csv", "wave/a.csv", "wave/b.csv"}, false)) ==
          std::vector<std::string>{"- idle idle/a.csv", "- wave wave/a.csv", "- wave wave/b.csv"});
    CHECK(layout_lines(layout_of({"train/idle/a.csv", "train/wave/a.csv", "test/idle/b.csv"}, false)) ==
          std::vector<std::string>{"2 idle test/idle/b.csv", "0 idle train/idle/a.csv", "0 wave train/wave/a.csv"});
    CHECK(layout_lines(layout_of({"train/exp1.csv", "val/exp2.csv"}, true)) ==
          std::vector<std::string>{"0 - train/exp1.csv", "1 - val/exp2.csv"});
}

TEST_CASE("arrays count as recordings only if asked") {
    CHECK(layout_of({"idle/a.npy", "wave/b.npy"}, false).files.empty());
    CHECK(layout_lines(layout_of({"idle/a.npy", "wave/b.npy"}, false, true)) ==
          std::vector<std::string>{"- idle idle/a.npy", "- wave wave/b.npy"});
}

TEST_CASE("a class is the beginning of a file's name") {
    namespace detail = tinysparse::data::detail;
    CHECK(detail::class_stem("idle.1a2b.csv") == "idle");
    CHECK(detail::class_stem("up.left.1.csv") == "up.left");
    CHECK(detail::class_stem("walk_2024-01-05.csv") == "walk");
    CHECK(detail::class_stem("punch.csv.gz") == "punch");
    CHECK(detail::class_stem("idle_01.csv") == "idle");
    CHECK(detail::class_stem("idle (2).csv") == "idle");
    CHECK(detail::class_stem("stand-to-sit-3.csv") == "stand-to-sit");
    CHECK(detail::class_stem("7.csv") == "7");
    CHECK(detail::classes_of_names({"flex1.csv", "flex2.csv", "punch1.csv"}) ==
          std::vector<std::string>{"flex", "flex", "punch"});
    CHECK(detail::classes_of_names({"up1_01.csv", "up2_01.csv", "down_01.csv"}) ==
          std::vector<std::string>{"up1", "up2", "down"});
    CHECK(detail::classes_of_names({"class1.csv", "class2.csv"}) == std::vector<std::string>{"class1", "class2"});
}

TEST_CASE("folders that do not tell one story are refused or named") {
    CHECK(error_of([] {
              layout_of({"train.csv", "test.csv", "extra.csv"}, true);
          })
              .find("more than one data set lies "
                    "here; choose one") != std::string::npos);
    CHECK(error_of([] {
              layout_of({"train/idle/a.csv", "test/exp.csv"}, false);
          }).find("laid out differently") != std::string::npos);
    const TableLayout layout = layout_of({"idle/a.csv", "wave/b.csv", "wave/old/c.csv"}, false);
    REQUIRE(layout.left_out.size() == 1);
    CHECK(layout.left_out[0].ends_with("wave/old"));
}
