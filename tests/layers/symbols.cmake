# core and keymaps ask nothing of curses, and read no terminal.
cmake_minimum_required(VERSION 3.25)
foreach(library ${LIBRARIES})
    execute_process(COMMAND ${NM} -u ${library} OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
    if(status OR NOT symbols MATCHES " U ")
        message(FATAL_ERROR "nm cannot read ${library}")
    endif()
    string(REGEX MATCHALL
        " U (initscr|newterm|stdscr|curscr|w?(refresh|addn?str|addch|getch|erase)|endwin|setupterm|tigetstr|tputs|tcsetattr)\n"
        found "${symbols}")
    if(found)
        message(FATAL_ERROR "${library} uses a terminal:${found}")
    endif()
endforeach()
