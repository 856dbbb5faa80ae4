namespace Webmail.Web.Configuration;

/// <summary>A configuration that the server can't start with. The message is the one line that names the key and the mend.</summary>
public sealed class SettingsException : Exception
{
    /// <param name="key">As in appsettings.json ("Webmail:Listeners:Imap").</param>
    /// <param name="complaint">What is wrong and what to write instead; never a secret.</param>
    public SettingsException(string key, string complaint)
        : base($"{EnvironmentName(key)}: {complaint}")
    {
    }

    /// <summary>The name as the environment and the handbook have it: Webmail__Listeners__Imap.</summary>
    public static string EnvironmentName(string key) => key.Replace(":", "__", StringComparison.Ordinal);
}
