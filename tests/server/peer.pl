# Drives a daemon by Mon::Client; prints what it finds, one fact a line.
use strict;
use warnings;
use Mon::Client;

my ($port) = @ARGV;
my $mon = Mon::Client->new(host => "127.0.0.1", port => $port,
    username => "joe", password => "secret");

sub must { my ($what, $value) = @_; die "$what: " . $mon->error . "\n" unless defined $value; }

must("connect", $mon->connect);
must("login", $mon->login);
print "prot ", $mon->prot, "\n";
my %status = $mon->list_opstatus;
foreach my $group (sort keys %status) {
    foreach my $service (sort keys %{ $status{$group} }) {
        my $is = $status{$group}{$service};
        print "$group $service $is->{opstatus} [$is->{last_summary}]\n";
    }
}
my %failures = $mon->list_failures;
print "failures ", join(",", map { my $g = $_; map { "$g/$_" } sort keys %{ $failures{$g} } } sort keys %failures), "\n";
my @group = $mon->list_group("web");
print "group @group\n";
must("ack", $mon->ack("web", "http", "two words, it's \"q\""));
%status = $mon->list_opstatus;
print "ack [$status{web}{http}{ackcomment}]\n";
must("disable", $mon->disable_service("web", "http"));
my %disabled = $mon->list_disabled;
print "disabled ", join(",", map { my $w = $_; map { "$w/$_" } keys %{ $disabled{services}{$w} } } keys %{ $disabled{services} }), "\n";
must("enable", $mon->enable_service("web", "http"));
must("stop", $mon->stop);
my @state = $mon->list_state;
print "running $state[0]\n";
must("start", $mon->start);
my @alerts = $mon->list_alerthist;
print "alerts ", scalar(@alerts), " $alerts[0]{type} $alerts[0]{group} [$alerts[0]{summary}]\n";
my @down = $mon->list_failurehist;
print "history ", scalar(@down), "\n";  # it takes an entry for one word
must("set", $mon->set("web", "http", "colour", "light blue"));
must("time", $mon->servertime);
$mon->quit;

my $trap = Mon::Client->new(host => "127.0.0.1", port => $port);
$trap->send_trap(group => "other", service => "trap", retval => 4,
    opstatus => "fail", summary => "it's \"down\"", detail => "one\ntwo\n") or die "trap: " . $trap->error;
print "done\n";
