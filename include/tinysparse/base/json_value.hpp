// SPDX-License-Identifier: Apache-2.0
// A JSON value, which code builds, and the Reader, which reads a value from outside with checks. Objects keep the order
// of their keys; numbers are doubles. Include json.hpp, which also reads and writes the text.
#pragma once
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tinysparse/base/error.hpp"
#include "tinysparse/base/text.hpp"

namespace tinysparse::json {

class Value;
class Reader;
/// A key with its value.
using Member = std::pair<std::string, Value>;
/// Items, which may have different types.
using Array = std::vector<Value>;
/// Members in the order of the text or of insertion.
using Object = std::vector<Member>; // in the order of the text or of insertion

/// The types of JSON, in the order of Value's alternatives.
enum class Type { null, boolean, number, string, array, object };

/// The type with its article, for messages: "a boolean".
inline std::string_view name_of(Type type) {
    constexpr std::string_view names[] = {"null", "a boolean", "a number", "a string", "an array", "an object"};
    return names[std::size_t(type)];
}

/// One JSON value. To build: object({{"id", 3}, {"loss", 0.25}, {"sizes", array({1, 2})}}), value["key"] = ...,
/// value.push_back(...). To read a value from outside: at() and as<T>(), which throw an Error that names the place.
class Value {
  public:
    Value() = default;
    /// null.
    Value(std::nullptr_t) {}
    /// A boolean; other types that convert to bool are refused.
    template <std::same_as<bool> Boolean> Value(Boolean boolean) : held_(boolean) {}
    /// Whole numbers beyond 2^53, which a double does not hold exactly, are an Error; write them as a string.
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) Value(Integer number) : held_(double(number)) {
        constexpr std::uint64_t limit = std::uint64_t{1} << 53;
        bool fits = true;
        if constexpr (std::is_signed_v<Integer>) fits = std::int64_t(number) >= -std::int64_t(limit);
        if (!fits || (number > 0 && std::uint64_t(number) > limit))
            throw Error(text("the number ", number, " is beyond 2^53, which JSON numbers lose; store it as a string"));
    }
    /// A number; larger types lose digits beyond those of a double.
    template <std::floating_point Real> Value(Real number) : held_(double(number)) {}
    /// Copies a string that ends with a zero byte.
    Value(const char* string) : held_(std::string(string)) {}
    /// Copies the bytes, which should be UTF-8.
    Value(std::string_view string) : held_(std::string(string)) {}
    /// Takes the bytes, which should be UTF-8.
    Value(std::string string) : held_(std::move(string)) {}
    /// Takes the items.
    Value(Array array) : held_(std::move(array)) {}
    /// Takes the members; keys should be unique.
    Value(Object object) : held_(std::move(object)) {}
    /// An array of anything that a Value can be made from.
    template <class Item>
    requires(!std::same_as<Item, Value> && !std::same_as<Item, Member>) Value(const std::vector<Item>& items)
        : held_(Array(items.begin(), items.end())) {}
    /// The item, or null.
    template <class Item> Value(const std::optional<Item>& item) {
        if (item) *this = Value(*item);
    }

    /// Type of what it holds.
    Type type() const { return Type(held_.index()); }
    /// True for null, false for an empty object or array.
    bool is_null() const { return type() == Type::null; }
    /// True for numbers, whole or not.
    bool is_number() const { return type() == Type::number; }
    /// True for arrays, empty ones as well.
    bool is_array() const { return type() == Type::array; }
    /// True for objects, empty ones as well.
    bool is_object() const { return type() == Type::object; }

    // The content, or null if it is of another type.
    /// Null unless it is a boolean.
    const bool* boolean() const { return std::get_if<bool>(&held_); }
    /// Null unless it is a number.
    const double* number() const { return std::get_if<double>(&held_); }
    /// Null unless it is a string.
    const std::string* string() const { return std::get_if<std::string>(&held_); }
    /// Null unless it is an array.
    const Array* array() const { return std::get_if<Array>(&held_); }
    /// Null unless it is an array; for changing its items.
    Array* array() { return std::get_if<Array>(&held_); }
    /// Null unless it is an object.
    const Object* object() const { return std::get_if<Object>(&held_); }
    /// Null unless it is an object; for changing its members.
    Object* object() { return std::get_if<Object>(&held_); }

    /// The member of that name, or null if it is missing or this is not an object.
    const Value* find(std::string_view key) const;
    /// The member of that name, added as null if it is missing. A null becomes an object first.
    Value& operator[](std::string_view key);
    /// Appends to an array. A null becomes an array first.
    void push_back(Value item);

    // Checked reading. Errors name the path from this value on. See Reader.
    /// Member with this key. Throws Error if this is no object or has no such key.
    Reader at(std::string_view key) const;
    /// Item of an array. Throws Error if this is no array or has fewer items.
    Reader at(std::size_t index) const;
    /// Converts the whole value. Throws Error if it is of another type or out of range.
    template <class Result> Result as() const;

    /// Compares types and contents; members of objects must have the same order.
    friend bool operator==(const Value& left, const Value& right) { return left.held_ == right.held_; }

  private:
    std::variant<std::nullptr_t, bool, double, std::string, Array, Object> held_{nullptr};
};

/// An object with these members, as in object({{"key", 1}}).
inline Value object(std::initializer_list<Member> members = {}) { return Value(Object(members)); }
/// An array with these items, whose types may differ.
inline Value array(std::initializer_list<Value> items = {}) { return Value(Array(items)); }

inline const Value* Value::find(std::string_view key) const {
    if (const Object* members = object())
        for (const Member& member : *members)
            if (member.first == key) return &member.second;
    return nullptr;
}

inline Value& Value::operator[](std::string_view key) {
    if (is_null()) held_ = Object{};
    if (!is_object()) throw Error(text("cannot set the key '", key, "' of ", name_of(type()), "; it needs an object"));
    if (const Value* found = find(key)) return const_cast<Value&>(*found);
    object()->emplace_back(std::string(key), Value());
    return object()->back().second;
}

inline void Value::push_back(Value item) {
    if (is_null()) held_ = Array{};
    if (!is_array()) throw Error(text("cannot append to ", name_of(type()), "; it needs an array"));
    array()->push_back(std::move(item));
}

/// Checked reading of a document from outside. A Reader is a place in it; every Error says
/// "NAME: net.layers[3].kernel: expected a whole number, found a string". The document must outlive its Readers.
///   Reader in(document, "run/journal.jsonl");
///   for (Reader layer : in.at("net").at("layers").items()) kernel = layer.at("kernel").as<int>();
class Reader {
  public:
    /// root: it must outlive this. name: how errors call the whole, such as the path of a file.
    Reader(const Value& root, std::string name) : root_(&root), here_(&root), name_(std::move(name)) {}

    /// The value that has been reached.
    const Value& value() const { return *here_; }

    /// Steps to a member. Throws Error if it is missing or if this is no object.
    Reader at(std::string_view key) const {
        need(Type::object);
        if (const Value* found = here_->find(key)) return Reader(*this, found);
        throw Error(text(place(), "the key '", key, "' is missing"));
    }
    /// Steps to an item. Throws Error if it is missing or if this is no array.
    Reader at(std::size_t index) const {
        const std::size_t size = need(Type::array).array()->size();
        if (index >= size) throw Error(text(place(), "the array has ", size, " items, item ", index, " is missing"));
        return Reader(*this, &(*here_->array())[index]);
    }
    /// True if the object has the key, even with a value of null. Throws Error if this is no object.
    bool has(std::string_view key) const { return need(Type::object).find(key) != nullptr; }

    /// One Reader for each item of an array, or for each member of an object.
    std::vector<Reader> items() const {
        std::vector<Reader> readers;
        if (const Object* members = here_->object()) {
            for (const Member& member : *members) readers.push_back(Reader(*this, &member.second));
        } else {
            for (const Value& item : *need(Type::array).array()) readers.push_back(Reader(*this, &item));
        }
        return readers;
    }

    /// Reads a bool, a number (an integer type needs a whole number in its range), a std::string, a std::vector of any
    /// readable type, a std::map from std::string to one, a std::optional of one (null is no value), or Value itself.
    template <class Result> Result as() const {
        Result result{};
        read(result);
        return result;
    }
    /// Reads a number from low to high.
    template <class Number> Number ranged(Number low, Number high) const {
        const Number number = as<Number>();
        if (!(number >= low && number <= high)) fail(text("expected ", low, " to ", high, ", found ", number));
        return number;
    }
    /// at(key).as<Result>(), or the fallback if the key is missing.
    template <class Result> Result get(std::string_view key, Result fallback) const {
        return has(key) ? at(key).template as<Result>() : fallback;
    }

    /// Throws "NAME: path: what" for a value of the right type whose content cannot be used.
    [[noreturn]] void fail(std::string_view what) const { throw Error(text(place(), what)); }

  private:
    Reader(const Reader& from, const Value* here) : root_(from.root_), here_(here), name_(from.name_) {}

    const Value& need(Type type) const {
        if (here_->type() != type) fail(text("expected ", name_of(type), ", found ", name_of(here_->type())));
        return *here_;
    }
    void read(bool& result) const { result = *need(Type::boolean).boolean(); }
    template <std::floating_point Real> void read(Real& result) const { result = Real(*need(Type::number).number()); }
    template <std::integral Integer>
    requires(!std::same_as<Integer, bool>) void read(Integer& result) const {
        const double* number = here_->number();
        if (!number) fail(text("expected a whole number, found ", name_of(here_->type())));
        if (*number != std::floor(*number)) fail(text("expected a whole number, found ", *number));
        const double low = double(std::numeric_limits<Integer>::min());
        const double end = std::ldexp(1.0, std::numeric_limits<Integer>::digits); // one past the largest
        if (!(*number >= low && *number < end))
            fail(text("expected a whole number from ", std::numeric_limits<Integer>::min(), " to ",
                      std::numeric_limits<Integer>::max(), ", found ", *number));
        result = Integer(*number);
    }
    void read(std::string& result) const { result = *need(Type::string).string(); }
    void read(Value& result) const { result = *here_; }
    template <class Item> void read(std::vector<Item>& result) const {
        for (const Reader& item : (need(Type::array), items())) result.push_back(item.template as<Item>());
    }
    template <class Item> void read(std::map<std::string, Item>& result) const {
        for (const Member& member : *need(Type::object).object())
            result.emplace(member.first, Reader(*this, &member.second).template as<Item>());
    }
    template <class Item> void read(std::optional<Item>& result) const {
        if (!here_->is_null()) result = as<Item>();
    }

    /// "NAME: path: ". The path is built only here, when an error needs it.
    std::string place() const {
        std::string path;
        find_path(*root_, path);
        std::string out = name_;
        if (!path.empty()) out += (out.empty() ? "" : ": ") + path;
        return out.empty() ? out : out + ": ";
    }
    bool find_path(const Value& from, std::string& path) const {
        if (&from == here_) return true;
        const std::size_t length = path.size();
        if (const Object* members = from.object())
            for (const Member& member : *members) {
                path += (length ? "." : "") + member.first;
                if (find_path(member.second, path)) return true;
                path.resize(length);
            }
        if (const Array* items = from.array())
            for (std::size_t i = 0; i < items->size(); ++i) {
                path += text('[', i, ']');
                if (find_path((*items)[i], path)) return true;
                path.resize(length);
            }
        return false;
    }

    const Value* root_;
    const Value* here_;
    std::string name_;
};

inline Reader Value::at(std::string_view key) const { return Reader(*this, "").at(key); }
inline Reader Value::at(std::size_t index) const { return Reader(*this, "").at(index); }
template <class Result> Result Value::as() const { return Reader(*this, "").as<Result>(); }

} // namespace tinysparse::json
