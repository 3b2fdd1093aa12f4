// SPDX-License-Identifier: Apache-2.0
// Tables with one row for each value of an enumeration, in the same order: row i belongs to Value(i). The enumeration
// ends in `count`, each row names its value, and each table is checked beside its definition, so that a forgotten row
// does not compile:
//   enum class Fruit { apple, pear, count };
//   inline constexpr Named<Fruit> fruits[] = {{Fruit::apple, "apple"}, {Fruit::pear, "pear"}};
//   static_assert(has_every_row<&Named<Fruit>::value>(fruits));
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tinysparse {

/// A row that holds only a name.
template <class Value> struct Named {
    Value value;
    std::string_view name;
};

/// True if a table has one row for each value, in the order of the enumeration. `key` is the member that names the
/// value.
template <auto key, class Row, std::size_t rows> constexpr bool has_every_row(const Row (&table)[rows]) {
    auto value = table[0].*key;
    for (std::size_t i = 0; i < rows; ++i) {
        value = table[i].*key;
        if (std::size_t(value) != i) return false;
    }
    return rows == std::size_t(decltype(value)::count);
}

/// The row of that name, or null.
template <class Row, std::size_t rows> constexpr const Row* row_named(const Row (&table)[rows], std::string_view name) {
    for (const Row& row : table)
        if (row.name == name) return &row;
    return nullptr;
}

/// A word that users bring from elsewhere, and the name here. Tables of these give "did you mean" where the letters of
/// the two differ too much for nearest().
struct Synonym {
    std::string_view name, name_here; ///< As users say it; as it is called here.
};

/// The names of all rows, in order: at compile time, or as strings.
template <class Row, std::size_t rows>
constexpr std::array<std::string_view, rows> name_list(const Row (&table)[rows]) {
    std::array<std::string_view, rows> names;
    for (std::size_t i = 0; i < rows; ++i) names[i] = table[i].name;
    return names;
}
/// The names of all rows, in their order, for messages and help texts.
template <class Row, std::size_t rows> std::vector<std::string> names_of(const Row (&table)[rows]) {
    std::vector<std::string> names;
    for (const Row& row : table) names.emplace_back(row.name);
    return names;
}

} // namespace tinysparse
