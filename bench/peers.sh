# Sourced by bench/run: Dovecot and Postfix on loopback, in a directory of their own.
# start_peers DIR BASE USERS DOMAIN PASSWORD; ports: BASE+143 IMAP, +993 with TLS, +110 POP3, +995 with TLS, +24 LMTP, +25 SMTP (Postfix).
# Dovecot with sdbox, which delivers for nobody, has the same ports from BASE+1000 on.

start_peers() {
  local dir=$1 base=$2 users=$3 domain=$4 password=$5
  start_dovecot "$dir" dovecot maildir "$base" "$users" "$domain" "$password"
  start_dovecot "$dir" sdbox sdbox $((base + 1000)) "$users" "$domain" "$password"

  mkdir -p "$dir"/postfix/{conf,spool,data}
  chown postfix "$dir/postfix/data"
  postfix_settings "$dir" "$base" "$domain" >"$dir/postfix/conf/main.cf"
  postfix_services $((base + 25)) >"$dir/postfix/conf/master.cf"
  postfix -c "$dir/postfix/conf" start >"$dir/postfix.log" 2>&1
  wait_for_port $((base + 25)) Postfix
}

# start_dovecot DIR NAME FORMAT BASE USERS DOMAIN PASSWORD: NAME is its directory's.
start_dovecot() {
  local log=$1/$2.log dir=$1/$2 format=$3 base=$4 users=$5 domain=$6 password=$7 n
  mkdir -p "$dir"/{run,state,mail}
  chown mail:mail "$dir/mail"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3 -subj "/CN=peer.$domain" -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
  for ((n = 1; n <= users * 3; n++)); do echo "user$n@$domain:{PLAIN}$password"; done >"$dir/passwd"
  chmod 644 "$dir/passwd"
  : >"$log"
  chmod 666 "$log"
  dovecot_settings "$dir" "$log" "$format" "$base" >"$dir/dovecot.conf"
  (ulimit -n "$(ulimit -Hn)"; exec /usr/sbin/dovecot -c "$dir/dovecot.conf") >>"$log" 2>&1
  wait_for_port $((base + 143)) Dovecot
}

stop_peers() {
  local dir=$1 pid file
  if [ -e "$dir/postfix/spool/pid/master.pid" ]; then postfix -c "$dir/postfix/conf" stop >>"$dir/postfix.log" 2>&1 || true; fi
  for file in "$dir"/{dovecot,sdbox}/run/master.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    if kill "$pid" 2>/dev/null; then while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; fi
  done
}

wait_for_port() {
  local n
  for ((n = 0; n < 100; n++)); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "$2 did not open port $1." >&2
  return 1
}

# What a disk row of the results is worth depends on it: "a virtual disk", "an SSD", "a hard disk".
disk_kind() {
  local source name
  source=$(findmnt -n -o SOURCE -T "$1" 2>/dev/null || true)
  name=$(basename "${source%%[*}")
  case $name in vd* | xvd*) echo "a virtual disk"; return ;; esac
  name=$(lsblk -no pkname "$source" 2>/dev/null | head -n 1 || true)
  case $(cat "/sys/block/$name/queue/rotational" 2>/dev/null) in 0) echo "an SSD" ;; 1) echo "a hard disk" ;; *) echo "a disk" ;; esac
}

dovecot_settings() {
  local dir=$1 log=$2 format=$3 base=$4 unlimited
  case $(/usr/sbin/dovecot --version) in
    2.3.*)
      cat <<CONF
mail_location = $format:~/mail
disable_plaintext_auth = no
ssl_cert = <$dir/cert.pem
ssl_key = <$dir/key.pem
protocols = imap pop3 lmtp
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u $dir/passwd
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$dir/mail/%d/%n allow_all_users=yes
}
CONF
      unlimited='service_count = 0'
      ;;
    *)
      cat <<CONF
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
mail_driver = $format
mail_path = ~/mail
mail_home = $dir/mail/%{user | domain}/%{user | username}
auth_allow_cleartext = yes
ssl_server_cert_file = $dir/cert.pem
ssl_server_key_file = $dir/key.pem
protocols {
  imap = yes
  pop3 = yes
  lmtp = yes
}
passdb passwd-file {
  passwd_file_path = $dir/passwd
  default_password_scheme = PLAIN
}
userdb static {
  allow_all_users = yes
  fields {
    uid = mail
    gid = mail
    home = $dir/mail/%{user | domain}/%{user | username}
  }
}
CONF
      unlimited='restart_request_count = unlimited'
      ;;
  esac
  cat <<CONF
base_dir = $dir/run
state_dir = $dir/state
log_path = $log
listen = 127.0.0.1
first_valid_uid = 1
mail_uid = mail
mail_gid = mail
auth_mechanisms = plain login
ssl = yes
namespace inbox {
  inbox = yes
  separator = /
}
protocol imap {
  mail_max_userip_connections = 10000
}
service imap-login {
  $unlimited
  client_limit = 4000
  process_min_avail = 2
  inet_listener imap {
    port = $((base + 143))
  }
  inet_listener imaps {
    port = $((base + 993))
    ssl = yes
  }
}
service pop3-login {
  $unlimited
  client_limit = 4000
  inet_listener pop3 {
    port = $((base + 110))
  }
  inet_listener pop3s {
    port = $((base + 995))
    ssl = yes
  }
}
service imap {
  process_limit = 6000
}
service pop3 {
  process_limit = 6000
}
service anvil {
  client_limit = 20000
}
service auth {
  client_limit = 20000
}
service lmtp {
  process_min_avail = 2
  inet_listener lmtp {
    port = $((base + 24))
  }
}
CONF
}

postfix_settings() {
  local dir=$1 base=$2 domain=$3
  cat <<CONF
compatibility_level = 3.6
queue_directory = $dir/postfix/spool
data_directory = $dir/postfix/data
maillog_file = $dir/postfix.log
maillog_file_prefixes = $dir
myhostname = peer.$domain
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
alias_maps =
alias_database =
local_transport = error:no local delivery here
biff = no
virtual_mailbox_domains = $domain
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:$((base + 24))
smtpd_client_connection_count_limit = 0
mailbox_size_limit = 0
CONF
}

postfix_services() {
  cat <<CONF
127.0.0.1:$1 inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
lmtp      unix - - n - - lmtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
CONF
}
