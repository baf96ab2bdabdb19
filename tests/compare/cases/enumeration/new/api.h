#include "export.h"

enum state {
	STATE_NONE = -1,
	STATE_IDLE,
	STATE_WAITING,
	STATE_BUSY,
	STATE_DEAD,
};

typedef enum {
	MODE_READ = 1,
	MODE_APPEND = 2,
} mode_kind;

enum state get_state(mode_kind mode)
{
	return STATE_IDLE;
}
EXPORT_SYMBOL(get_state);
