// The glue between a member of a struct in recipe.h and its Key.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "schema.h"

namespace cram::recipe {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
[[nodiscard]] Value to_value(const T& value, const std::vector<std::string>& choices) {
  if constexpr (IsOptional<T>::value) {
    return value ? to_value(*value, choices) : Value(std::monostate());
  } else if constexpr (std::is_enum_v<T>) {
    return choices.at(static_cast<std::size_t>(value));
  } else if constexpr (std::is_same_v<T, Seconds>) {
    return value.count();
  } else if constexpr (std::is_same_v<T, int>) {
    return std::int64_t{value};
  } else {
    return value;
  }
}

template <class T>
[[nodiscard]] T from_value(const Value& value, const std::vector<std::string>& choices) {
  if constexpr (IsOptional<T>::value) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return from_value<typename T::value_type>(value, choices);
  } else if constexpr (std::is_enum_v<T>) {
    const auto place = std::find(choices.begin(), choices.end(), std::get<std::string>(value));
    return static_cast<T>(place - choices.begin());
  } else if constexpr (std::is_same_v<T, Seconds>) {
    return Seconds(std::get<double>(value));
  } else if constexpr (std::is_same_v<T, int>) {
    return static_cast<int>(std::get<std::int64_t>(value));
  } else {
    return std::get<T>(value);
  }
}

// Finds the struct of a section in a recipe; the top level is the recipe itself.
template <class Struct>
struct SectionOf {
  Struct Recipe::*member;
  auto& operator()(auto& recipe) const { return recipe.*member; }
};
template <>
struct SectionOf<Recipe> {
  auto& operator()(auto& recipe) const { return recipe; }
};

template <class Struct>
class SectionBuilder {
 public:
  // `decides`: what all keys do that do not say otherwise.
  SectionBuilder(std::string name, SectionOf<Struct> section_of, std::string explanation,
                 Decides decides = Decides::kResult)
      : section_of_(section_of),
        section_{std::move(name), std::move(explanation), {}},
        decides_(decides) {}

  // The choices of an enumeration are named in the order of its values.
  template <class T>
  SectionBuilder& add(const std::string& name, T Struct::*member, Kind kind,
                      std::string explanation, std::optional<Condition> condition = {}) {
    kind.optional = IsOptional<T>::value;
    Key key;
    key.path = section_.name.empty() ? name : section_.name + "." + name;
    key.name = name;
    key.explanation = std::move(explanation);
    key.decides = decides_;
    key.condition = std::move(condition);
    key.get = [at = section_of_, member, choices = kind.choices](const Recipe& recipe) {
      return to_value(at(recipe).*member, choices);
    };
    key.set = [at = section_of_, member, choices = kind.choices](Recipe& recipe,
                                                                 const Value& value) {
      at(recipe).*member = from_value<T>(value, choices);
    };
    key.kind = std::move(kind);
    section_.keys.push_back(std::move(key));
    return *this;
  }

  // Of the key that was added last.
  SectionBuilder& deciding(Decides decides) {
    section_.keys.back().decides = decides;
    return *this;
  }

  [[nodiscard]] Section build() { return std::move(section_); }

 private:
  SectionOf<Struct> section_of_;
  Section section_;
  Decides decides_;
};

}  // namespace cram::recipe
