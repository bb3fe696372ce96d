/* What --help prints. */
#include <config.h>

#include "manual.h"

#include "report.h"
#include "rpc.h"

#include <stdio.h>
#include <string.h>

static const char command_line[] =
    "test-acs: a scriptable TR-069 ACS that insists on what the standard demands of a CPE.\n"
    "\n"
    "  test-acs [OPTIONS]                 run; the first line of stdout is `listening on URL`\n"
    "  test-acs --talk SOCKET 'COMMAND'   tell a running one (--control) something; exit 0 or 1\n"
    "\n"
    "  --listen ADDR:PORT     default 127.0.0.1:0; port 0 picks a free one\n"
    "  --tls CERT KEY         serve https with these PEM files\n"
    "  --scenario FILE        what to do and to expect (--help scenario); ends when it is over\n"
    "  --stay                 does not end when the scenario is over\n"
    "  --once                 ends after the first session\n"
    "  --timeout SECONDS      ends, failed, after that time\n"
    "  --set 'LINE'           a settings line (--help scenario), may be repeated\n"
    "  --control SOCKET       a unix socket to drive it (--help control)\n"
    "  --transcript FILE      the transcript goes there too\n"
    "  --quiet                no transcript on stdout\n"
    "  --record DIR           every received message into a file\n"
    "  --tolerate NAME,NAME   violations that do not count (--help violations); `all`\n"
    "  --no-validate          no schema validation ($TR069_STANDARDS says where the schemas are)\n"
    "  --help [TOPIC]         scenario, control, http, violations\n"
    "\n"
    "Without a scenario it answers every Inform and ends the session with 204.\n"
    "Exit code: 0 all expectations met and no violation, 1 not so, 2 it could not run.\n"
    "\n"
    "The transcript, a line a message:\n"
    "     0.004 #1   <- Inform \"1 BOOT\" from 0A1B2C-0001, retry 0, 9 parameters\n"
    "     0.004 #1   -> InformResponse\n"
    "  time in seconds, session, direction (<- from the CPE, -> to it; -- a remark, !! a failure,\n"
    "  ?? a tolerated violation, == the end), what it was.\n";

static const char scenario_text[] =
    "A scenario is a text file. A line at the left margin is one of:\n"
    "\n"
    "  session [within SECONDS] [repeat N] [when EVENT]\n"
    "                             the next session; its steps are the indented lines below it\n"
    "  default                    steps for sessions that no `session` is for\n"
    "  connection-request [url=] [user=] [password=] [timeout=S] [no-auth] [expect STATUS]\n"
    "                             what is not said comes from the last Inform and from what the\n"
    "                             scenario has set; 200 and 204 are expected\n"
    "  pause SECONDS              nothing happens\n"
    "  quiet SECONDS              no session may begin\n"
    "  a setting                  see below; in force from here on\n"
    "\n"
    "Steps of a session, in order. Each POST of the CPE gets one answer; steps that do not answer\n"
    "apply to the message that was received last, or to the next answer:\n"
    "\n"
    "  METHOD ARGUMENTS           an RPC (list below); before the first one the Inform is answered\n"
    "  raw FILE | raw <<END       XML as it is, {id} in it becomes an ID\n"
    "  expect [not] ...           looks at the last message:\n"
    "     response | fault [CODE] | parameter-fault NAME CODE\n"
    "     event CODE[:KEY]...     these are among the events (globs); events ...: exactly these\n"
    "     value NAME [OP VALUE]   `parameter` is the same; NAME may be a glob; also: type NAME\n"
    "     name NAME [writable|read-only]                      of GetParameterNames, GetRPCMethods\n"
    "     attribute NAME [notification=N] [access=A,B]        of GetParameterAttributes\n"
    "     argument PATH [OP VALUE]                            e.g. argument FaultStruct/FaultCode = 0\n"
    "     count OP N | retry-count OP N | method NAME | namespace 0|1|2\n"
    "     header NAME [OP VALUE]  of the HTTP request; target [OP VALUE]: its path and query\n"
    "     xpath EXPRESSION        is true; prefixes soap, cwmp, xsi\n"
    "     OP: = != ~ (glob) =~ (regular expression) < > <= >= (numbers)\n"
    "     A fault that no `expect` after the RPC speaks of is a failure.\n"
    "  request METHOD             the CPE calls METHOD (TransferComplete, ...) next\n"
    "  answer                     answers the CPE's request now: what follows is about the next answer\n"
    "  http BEHAVIOUR             how the answer is sent (--help http)\n"
    "  fault CODE                 answers the CPE's request with a fault, 8000 ... 8899\n"
    "  hold on|off                HoldRequests in the envelopes from now on\n"
    "  wait SECONDS               the same as http delay\n"
    "  save value|argument NAME as VARIABLE     {VARIABLE} stands for it in later lines\n"
    "  note TEXT                  goes into the transcript\n"
    "  a setting\n";

static const char settings_text[] =
    "\n"
    "Settings:\n"
    "  auth none | strange | basic USER PASSWORD | digest USER PASSWORD "
    "[algorithm=MD5|MD5-sess|SHA-256|...]\n"
    "       [qop=auth|auth,auth-int|auth-int|] [nonce=any|connection|once] [stale=USES] [opaque=TEXT]\n"
    "       [form=usual|unquoted|spaced|extended|after-basic|before-basic|after-negotiate] [next]\n"
    "                             strange: a challenge of a kind that nobody knows; next: nextnonce, and\n"
    "                             only that nonce is good for the next request\n"
    "  cookie on|off [name=session] [path=/acs] [count=N] [early] [refresh]\n"
    "                             early: also with 401 and redirects; refresh: a new value each time\n"
    "  encoding length|chunked|until-close      of all answers\n"
    "  keep-alive on|off          off: Connection: close with every answer\n"
    "  version auto|1.0|...|1.4   namespace of the answers; auto: as the Inform\n"
    "  use-version none|1.0|...   UseCWMPVersion in InformResponse\n"
    "  linger SECONDS             a session waits so long for commands of the control socket\n"
    "  patience [close=5] [reconnect=10] [silence=90]      seconds until it is a violation\n"
    "  behaviour BEHAVIOUR [times=N] | off      as http, for the next N answers\n"
    "  files DIRECTORY            served as {base}/files/NAME, with Range\n"
    "  files http BEHAVIOUR [times=N] | files-auth ...      as behaviour and auth, for files\n"
    "  uploads DIRECTORY          where PUT lands\n"
    "  credentials [url=] [user=] [password=]   for connection requests\n"
    "  tls [certificate=FILE] [key=FILE] [staple=FILE] [clients=FILE] [priority=TEXT] [tickets=on|off]\n"
    "                             with --tls, for connections to come: what it shows (PEM; staple: an\n"
    "                             OCSP response), who may be a client, GnuTLS's versions and ciphers\n"
    "  tolerate NAME... | insist NAME...        violations that do not, or do, count\n"
    "  chaos cut=P half=P fault=P retry=P redirect=P status=P garbage=P close=P seed=N | off\n"
    "                             P percent of the sessions are spoiled, the same ones for a seed\n"
    "\n"
    "Words with blanks are quoted: type=\"3 Vendor Configuration File\". # begins a comment.\n"
    "{base} is http://ADDR:PORT of this ACS, {alt} the same with the host localhost.\n"
    "\n"
    "RPCs (an unknown METHOD takes Argument=value...). TYPE is xsd:int and the like, default\n"
    "xsd:string, none: for no xsi:type:\n";

static const char scenario_example[] =
    "\n"
    "Example:\n"
    "  files ./files\n"
    "  session\n"
    "    expect event \"0 BOOTSTRAP\" \"1 BOOT\"\n"
    "    expect parameter Device.DeviceInfo.SoftwareVersion ~ 1.*\n"
    "    GetParameterValues Device.DeviceInfo.\n"
    "    expect count > 5\n"
    "    SetParameterValues key=k1 Device.ManagementServer.PeriodicInformInterval=xsd:unsignedInt:0\n"
    "    expect fault 9003\n"
    "    expect parameter-fault Device.ManagementServer.PeriodicInformInterval 9007\n"
    "    Download key=d1 type=\"3 Vendor Configuration File\" url={base}/files/a.conf\n"
    "    expect argument Status = 1\n"
    "  session within 30\n"
    "    expect event \"7 TRANSFER COMPLETE\" \"M Download:d1\"\n"
    "    request TransferComplete\n"
    "    expect argument FaultStruct/FaultCode = 0\n"
    "  connection-request user=u password=p\n"
    "  session within 5\n"
    "    expect events \"6 CONNECTION REQUEST\"\n"
    "    http status 500\n"
    "  session within 15\n"
    "    expect retry-count = 1\n";

static const char control_text[] =
    "Commands, a line each, over --control SOCKET (test-acs --talk SOCKET 'COMMAND'). An answer is\n"
    "lines that begin with a blank, then `ok` or `error TEXT`; --talk prints the lines without the\n"
    "blank, the error on stderr, and exits 0 or 1. Columns are separated by a TAB; in them newline,\n"
    "TAB and backslash are written \\n \\t \\\\.\n"
    "\n"
    "  rpc [now] METHOD ARGUMENTS   queues an RPC (--help scenario) for the running or next session,\n"
    "                               answers with its result: NAME TYPE VALUE of each parameter, or\n"
    "                               ARGUMENT VALUE; a fault is an error. `now` sends a connection\n"
    "                               request first. `rpc raw FILE` sends XML as it is.\n"
    "  value [now] NAME             the value of one parameter, bare\n"
    "  connection-request [url=] [user=] [password=] [timeout=S] [no-auth]   STATUS, time\n"
    "  wait-session [SECONDS] [EVENT]  until a session has ended well (with such an event, a glob)\n"
    "                               that no wait-session has told before; its number and events\n"
    "  last-inform                  all of the last Inform; events: only its events, CODE or CODE:KEY\n"
    "  stats                        sessions, ended, failed, messages, violations, failures\n"
    "  violations                   count and name of each that was seen\n"
    "  verdict                      ok, or the first failure as an error\n"
    "  url                          of this ACS\n"
    "  quit                         ends; the exit code is the verdict\n"
    "  any setting                  behaviour status 500 times=2; chaos cut=5 seed=1; linger 10; ...\n";

static const char http_text[] =
    "Behaviours, after `http` (the next answer) or `behaviour` (the next N answers):\n"
    "\n"
    "The answer is made as ever, but sent differently:\n"
    "  delay SECONDS              later\n"
    "  drip [OCTETS [MS]]         16 octets each 20 ms\n"
    "  close                      Connection: close\n"
    "  length | chunked | until-close       how its end is marked\n"
    "  header \"Name: value\" | content-type TYPE\n"
    "  head LINES                 its head by hand, `|` between the lines, Content-Length added unless\n"
    "                             until-close; then the connection is closed, announced or not\n"
    "  continue                   100 Continue in front\n"
    "  pad OCTETS                 a comment of that size in the envelope (*)\n"
    "  dtd                        a document type declaration in front (*)\n"
    "  cut-after [OCTETS]         closed after so much of the body (half); the session is broken\n"
    "Another answer:\n"
    "  body TEXT                  200 with that text (*)\n"
    "  redirect CODE LOCATION [times=N]     the CPE must send the same message there\n"
    "  moved CODE LOCATION        a redirect to another server, where the session goes on\n"
    "  unauthorized [times=N]     401 with a new challenge, though the credentials were right\n"
    "Another answer, and the session is broken (nothing may follow in the scenario):\n"
    "  status CODE [BODY]         204 and 200 do not break it\n"
    "  cut                        closed without an answer\n"
    "  garbage                    200 with octets that are not XML\n"
    "  raw TEXT                   octets instead of HTTP, then closed\n"
    "(*) The CPE may refuse it: breaking off is no violation, going on neither.\n";

bool manual_print(const char *topic) {
    if (topic == NULL) {
        (void) fputs(command_line, stdout);
    } else if (strcmp(topic, "scenario") == 0) {
        struct buffer methods;
        buffer_init(&methods, 65536);
        rpc_help(&methods);
        (void) printf("%s%s%s%s", scenario_text, settings_text, buffer_string(&methods), scenario_example);
        buffer_free(&methods);
    } else if (strcmp(topic, "control") == 0) {
        (void) fputs(control_text, stdout);
    } else if (strcmp(topic, "http") == 0) {
        (void) fputs(http_text, stdout);
    } else if (strcmp(topic, "violations") == 0) {
        for (int i = 0; i < VIOLATION_COUNT; i++) {
            (void) printf("V%02d %-26s %s\n", i + 1, violation_name(i), violation_sentence(i));
        }
    } else {
        return false;
    }
    return true;
}
