using Webmail.MailCore.Data;
using Webmail.MailCore.Model;
using Webmail.Web.Configuration;

namespace Webmail.Web.Cli;

/// <summary>What the program says to its caller: the numbers of sysexits.h, which cron, MTAs and scripts know.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>A check found something to mend (doctor).</summary>
    public const int Findings = 1;

    /// <summary>EX_USAGE: the command line is wrong.</summary>
    public const int Usage = 64;

    /// <summary>EX_DATAERR: a value or a message can't be accepted.</summary>
    public const int Data = 65;

    /// <summary>EX_NOINPUT: a file isn't there or can't be read.</summary>
    public const int NoInput = 66;

    /// <summary>EX_NOUSER: no such address, domain, alias or queue entry.</summary>
    public const int NoUser = 67;

    /// <summary>EX_UNAVAILABLE: refused, for good.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: a bug.</summary>
    public const int Software = 70;

    /// <summary>EX_CANTCREAT: it exists already.</summary>
    public const int Exists = 73;

    /// <summary>EX_TEMPFAIL: try again later.</summary>
    public const int TryAgain = 75;

    /// <summary>EX_NOPERM.</summary>
    public const int NoPermission = 77;

    /// <summary>EX_CONFIG: a setting is wrong.</summary>
    public const int Configuration = 78;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    public static int Of(MailError error) => error switch
    {
        MailError.NotFound => NoUser,
        MailError.AlreadyExists => Exists,
        MailError.Invalid or MailError.TooLarge => Data,
        MailError.NoPermission or MailError.AuthenticationFailed => NoPermission,
        MailError.Unavailable or MailError.Throttled or MailError.Conflict or MailError.OverQuota => TryAgain,
        _ => Unavailable,
    };

    /// <summary>For what stops a command or the start; null: a bug, which is shown whole.</summary>
    public static int? Of(Exception exception) => exception switch
    {
        SettingsException => Configuration,
        MailException refused => Of(refused.Error),
        UnfitDatabaseException or LocalPostgresException => TryAgain,
        OperationCanceledException => Interrupted,
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => NoInput,
        IOException => TryAgain,
        System.Data.Common.DbException => TryAgain,
        _ => null,
    };
}
