using Webmail.Web.Cli;

namespace Webmail.Web.Tests.Cli;

public sealed class SendmailArgumentsTests
{
    [Fact]
    public void Crons_and_mails_options_are_understood()
    {
        var cron = SendmailArguments.Parse(["-FCronDaemon", "-i", "-B8BITMIME", "-oem", "root"]);
        Assert.Equal(("CronDaemon", true, false, "root"), (cron.FullName, cron.DotIsText, cron.FromHeader, Assert.Single(cron.Recipients)));
        var mail = SendmailArguments.Parse(["-oi", "-t", "-f", "ann@example.org", "--", "-odd@example.org"]);
        Assert.Equal(("ann@example.org", true, true, "-odd@example.org"), (mail.Sender, mail.DotIsText, mail.FromHeader, Assert.Single(mail.Recipients)));
        Assert.True(SendmailArguments.Parse(["-f", "<>", "x@example.org"]).IsNullSender);
        Assert.True(SendmailArguments.Parse(["-ti"]) is { FromHeader: true, DotIsText: true });
        Assert.Equal(SendmailMode.ShowQueue, SendmailArguments.Parse(["-bp"]).Mode);
        Assert.Equal(SendmailMode.Nothing, SendmailArguments.Parse(["-q30m"]).Mode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-f")]
    [InlineData("-bs")]
    [InlineData("-Z x@example.org")]
    public void What_can_not_be_done_is_said(string arguments) =>
        Assert.NotNull(SendmailArguments.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Error);
}
