# Everything that others wrote, as imported targets of our own. All of it is private to the room
# that uses it: no third-party type stands in a public header but torch's in the torch rooms.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# cram_pkg(alias pkg-config-name)
function(cram_pkg alias package)
  pkg_check_modules(${alias} REQUIRED IMPORTED_TARGET GLOBAL ${package})
  add_library(cram::${alias} ALIAS PkgConfig::${alias})
endfunction()

cram_pkg(spdlog spdlog)
cram_pkg(xxhash libxxhash)
cram_pkg(yaml yaml-cpp)
cram_pkg(archive libarchive)
cram_pkg(utf8proc libutf8proc)
cram_pkg(sentencepiece_core sentencepiece)

# The trainer is a second library that sentencepiece.pc names on some distributions only.
find_library(CRAM_SENTENCEPIECE_TRAIN sentencepiece_train REQUIRED)
add_library(cram_sentencepiece INTERFACE)
target_link_libraries(cram_sentencepiece INTERFACE PkgConfig::sentencepiece_core
                                                   "${CRAM_SENTENCEPIECE_TRAIN}")
add_library(cram::sentencepiece ALIAS cram_sentencepiece)

# It comes without a .pc file.
find_path(CRAM_CLD2_INCLUDE cld2/public/compact_lang_det.h REQUIRED)
find_library(CRAM_CLD2 cld2 REQUIRED)
add_library(cram_cld2 INTERFACE)
target_include_directories(cram_cld2 SYSTEM INTERFACE "${CRAM_CLD2_INCLUDE}")
target_link_libraries(cram_cld2 INTERFACE "${CRAM_CLD2}")
add_library(cram::cld2 ALIAS cram_cld2)

find_package(nlohmann_json REQUIRED)
add_library(cram::json ALIAS nlohmann_json::nlohmann_json)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)

include(Torch)
include(Arrow)
