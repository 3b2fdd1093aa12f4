# Tests compare.cmake: what it must accept, and what it must not. FOLDER is one for files of this test.
file(MAKE_DIRECTORY "${FOLDER}")

function(check verdict expected printed)
  file(WRITE "${FOLDER}/expected" "${expected}")
  file(WRITE "${FOLDER}/printed" "${printed}")
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=${CMAKE_COMMAND};-E;cat;${FOLDER}/printed"
    "-DEXPECTED=${FOLDER}/expected" -P "${CMAKE_CURRENT_LIST_DIR}/compare.cmake"
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE said)
  string(REGEX REPLACE "[ \n]+" " " said "${said}") # CMake breaks lines where the paths' lengths put them
  if(verdict STREQUAL "same" AND NOT status EQUAL 0)
    message(FATAL_ERROR "refused\n${printed}for\n${expected}${said}")
  elseif(verdict STREQUAL "other" AND status EQUAL 0)
    message(FATAL_ERROR "accepted\n${printed}for\n${expected}")
  elseif(verdict STREQUAL "other" AND NOT said MATCHES "whole output|the first line is not|ended with")
    message(FATAL_ERROR "refused without a reason of its own: ${said}")
  endif()
endfunction()

set(two "# tolerance 2 %\nmean 0.500 of 12 samples\nbytes 400\n")
check(same "${two}" "mean 0.500 of 12 samples\nbytes 400\n")
check(same "${two}" "mean 0.509 of 12 samples\nbytes 400\n")     # within 2 %
check(same "${two}" "mean  0.491  of 12 samples\nbytes 400\n")   # columns may shift
check(other "${two}" "mean 0.511 of 12 samples\nbytes 400\n")    # a wrong number
check(other "${two}" "mean 0.489 of 12 samples\nbytes 400\n")
check(other "${two}" "mean -0.500 of 12 samples\nbytes 400\n")
check(other "${two}" "mean 0.500 of 13 samples\nbytes 400\n")    # a wrong whole number
check(other "${two}" "mean 0.500 of 12 samples\nbytes 401\n")    # within 2 %, but whole numbers are exact
check(other "${two}" "mean 0.500 of 12.0 samples\nbytes 400\n")
check(other "${two}" "mode 0.500 of 12 samples\nbytes 400\n")    # another word
check(other "${two}" "mean nan of 12 samples\nbytes 400\n")
check(other "${two}" "mean 0.500 of 12 samples\n")               # a missing line
check(other "${two}" "bytes 400\n")
check(other "${two}" "")
check(other "${two}" "mean 0.500 of 12 samples\nbytes 400\nbytes 400\n") # an extra line
check(other "${two}" "mean 0.500 of 12 samples\n\nbytes 400\n")
check(other "${two}" "bytes 400\nmean 0.500 of 12 samples\n")

check(same "# tolerance 1 %\nloss 0.01\n" "loss 0.02\n") # 1 in the last place
check(same "# tolerance 1 %\nloss 0.00\n" "loss -0.01\n")
check(other "# tolerance 1 %\nloss 0.01\n" "loss 0.03\n")
check(same "# tolerance 1 %\nloss -3.00\n" "loss -3.03\n")
check(other "# tolerance 1 %\nloss -3.00\n" "loss -3.04\n")
check(other "# tolerance 1 %\nloss 1.50e-06\n" "loss 1.50e-07\n")
check(same "# tolerance 0.1 %\nsum 1000.0\n" "sum 1001.0\n")
check(other "# tolerance 0.1 %\nsum 1000.0\n" "sum 1001.1\n")

set(range "# tolerance 1 %\nright {90 to 99.5} %, change {-3 to 1}\n")
check(same "${range}" "right 90.0 %, change -3\n")
check(same "${range}" "right 99.5 %, change 1\n")
check(other "${range}" "right 89.9 %, change 0\n")
check(other "${range}" "right 99.6 %, change 0\n")
check(other "${range}" "right 95.0 %, change 2\n")
check(other "${range}" "right 95.0 %, change -4\n")

set(rows "# tolerance 1 %\nfront\n* network {0 to 9}: {100 to 900} B\nend 1\n")
check(same "${rows}" "front\nnetwork 3: 200 B\nend 1\n")
check(same "${rows}" "front\nnetwork 3: 200 B\nnetwork 5: 900 B\nend 1\n")
check(other "${rows}" "front\nend 1\n")                               # no row at all
check(other "${rows}" "front\nnetwork 3: 200 B\nnetwork 5: 901 B\nend 1\n")
check(other "${rows}" "front\nnetwork 3: 200 B\nnetwork 5: 900 B\n")

check(same "# tolerance 1 %\nlist [1; 2] and a \\ b\n" "list [1; 2] and a \\ b\n")
check(other "# tolerance 1 %\nlist [1; 2]\n" "list [1; 3]\n")
check(other "mean 0.500\n" "mean 0.500\n") # no tolerance is stated
execute_process(COMMAND "${CMAKE_COMMAND}" "-DPROGRAM=${CMAKE_COMMAND};-E;false" "-DEXPECTED=${FOLDER}/expected"
  -P "${CMAKE_CURRENT_LIST_DIR}/compare.cmake" RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
if(status EQUAL 0)
  message(FATAL_ERROR "accepted a program that fails")
endif()
