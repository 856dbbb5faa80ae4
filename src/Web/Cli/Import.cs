using System.CommandLine;
using System.Diagnostics;
using Webmail.MailCore.Admin;
using Webmail.MailCore.Model;

namespace Webmail.Web.Cli;

/// <summary>import ADDRESS FILE.mbox|MAILDIR [--into MAILBOX]</summary>
internal static class Import
{
    public static Command Create(Terminal terminal)
    {
        var address = new Argument<string>("address") { Description = "Whose mail it becomes" };
        var path = new Argument<string>("path") { Description = "An mbox file, or a Maildir (its folders come along)" };
        var into = new Option<string?>("--into") { Description = "The mailbox to put it in; INBOX and the Maildir's own folders unless given" };
        var command = new TaughtCommand(
            "import", "Bring mail from an mbox file or a Maildir into a user's mailbox. Running it twice imports twice.", "import ann@example.org /var/mail/ann", "import ann@example.org ~ann/Maildir", "import ann@example.org old.mbox --into Archive/2019")
        {
            address, path, into,
        };
        Workbench.Run(command, terminal, async (bench, line, ct) =>
        {
            var options = line.GetValue(into) is { } name ? new ImportOptions(MailboxName.Parse(name)) : new ImportOptions();
            var result = await bench.Get<MailImport>().RunAsync(
                bench.Actor, EmailAddress.Parse(line.GetRequiredValue(address)), Path.GetFullPath(line.GetRequiredValue(path)), options, new Progress(terminal), ct);
            foreach (var failure in result.Failures)
                await terminal.Error.WriteLineAsync($"Left out {failure.Where}: {failure.Reason}");
            await bench.SayAsync(
                result, $"{result.Messages} messages imported ({Table.Bytes(result.Octets)}){(result.Failed > 0 ? $", {result.Failed} left out" : "")}.");
            return result.Failed > 0 ? ExitCodes.Data : ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>One line on standard error, written over a few times a second, for a person only.</summary>
    sealed class Progress(Terminal terminal) : IProgress<ImportProgress>
    {
        readonly Stopwatch clock = Stopwatch.StartNew();
        long shownAt = -1000;

        public void Report(ImportProgress value)
        {
            if (!terminal.ShowsProgress || clock.ElapsedMilliseconds - shownAt < 250)
                return;
            shownAt = clock.ElapsedMilliseconds;
            terminal.Error.Write($"\r{value.Messages} messages, {Table.Bytes(value.Octets)}, now {value.Mailbox}\u001b[K\r");
        }
    }
}
